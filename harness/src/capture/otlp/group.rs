//! The nesting of OTLP, from records that each know their origin.

use std::sync::Arc;

use crate::capture::{Origin, Resource, Scope};

/// Anything with a resource and a scope.
pub(super) trait Originated {
    /// Its resource and scope.
    fn origin(&self) -> &Arc<Origin>;
}

impl Originated for crate::capture::Span {
    fn origin(&self) -> &Arc<Origin> {
        &self.origin
    }
}

impl Originated for crate::capture::LogRecord {
    fn origin(&self) -> &Arc<Origin> {
        &self.origin
    }
}

impl Originated for crate::capture::Family {
    fn origin(&self) -> &Arc<Origin> {
        &self.origin
    }
}

impl<T: Originated> Originated for &T {
    fn origin(&self) -> &Arc<Origin> {
        (*self).origin()
    }
}

/// Neighbours that share a resource. Only neighbours: the order of arrival is part of the capture.
pub(super) fn by_resource<T: Originated>(items: &[T]) -> impl Iterator<Item = (&Resource, &[T])> {
    items
        .chunk_by(|left, right| same(&left.origin().resource, &right.origin().resource))
        .map(|chunk| (&*chunk[0].origin().resource, chunk))
}

/// Neighbours that share a scope, among those that share a resource.
pub(super) fn by_scope<T: Originated>(items: &[T]) -> impl Iterator<Item = (&Scope, &[T])> {
    items
        .chunk_by(|left, right| same(&left.origin().scope, &right.origin().scope))
        .map(|chunk| (&*chunk[0].origin().scope, chunk))
}

fn same<T: PartialEq>(left: &Arc<T>, right: &Arc<T>) -> bool {
    Arc::ptr_eq(left, right) || left == right
}
