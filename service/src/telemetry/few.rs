//! A list of few things, which only grows. Reading it writes nothing, so that threads do not wait for each other's cache
//! lines, as they would for those of a lock that all of them read.

use std::sync::OnceLock;

/// The list, or what is left of it. What is in it is kept for good.
pub(crate) struct Few<T: 'static>(OnceLock<Box<Node<T>>>);

struct Node<T: 'static> {
    thing: &'static T,
    rest: Few<T>,
}

impl<T> Few<T> {
    /// The thing that `is_it`, if it is there.
    pub(crate) fn find(&self, is_it: impl Fn(&T) -> bool) -> Option<&'static T> {
        let mut rest = self;
        while let Some(node) = rest.0.get() {
            if is_it(node.thing) {
                return Some(node.thing);
            }
            rest = &node.rest;
        }
        None
    }

    /// Every thing there is.
    pub(crate) fn each(&self) -> impl Iterator<Item = &'static T> {
        std::iter::successors(self.0.get(), |node| node.rest.0.get()).map(|node| node.thing)
    }

    /// The thing that `is_it`; made and added if it is not there. `None` if it is not there and there are `most` already.
    pub(crate) fn find_or_add(
        &self,
        is_it: impl Fn(&T) -> bool,
        most: usize,
        make: impl Fn() -> T,
    ) -> Option<&'static T> {
        let mut rest = self;
        for _ in 0..most {
            // Of two threads that add at once, one does; the other finds that, and goes on if it is something else.
            let node =
                rest.0.get_or_init(|| Box::new(Node { thing: Box::leak(Box::new(make())), rest: Self::default() }));
            if is_it(node.thing) {
                return Some(node.thing);
            }
            rest = &node.rest;
        }
        None
    }
}

impl<T> Default for Few<T> {
    fn default() -> Self {
        Self(OnceLock::new())
    }
}

#[cfg(test)]
mod tests {
    use super::Few;

    #[test]
    fn a_thing_is_made_once() {
        let few = Few::default();

        let first = few.find_or_add(|number| *number == 1, 2, || 1).unwrap();
        let second = few.find_or_add(|number| *number == 2, 2, || 2).unwrap();

        assert_eq!((*first, *second), (1, 2));
        assert!(std::ptr::eq(first, few.find_or_add(|number| *number == 1, 2, || unreachable!()).unwrap()));
        assert_eq!(few.find_or_add(|number| *number == 3, 2, || unreachable!()), None);
        assert_eq!((few.find(|number| *number == 2), few.find(|number| *number == 3)), (Some(&2), None));
        assert_eq!(few.each().copied().collect::<Vec<_>>(), [1, 2]);
    }

    #[test]
    fn threads_that_add_the_same_thing_at_once_get_the_same_one() {
        let few = Few::default();

        let found: Vec<_> = std::thread::scope(|scope| {
            let start = || few.find_or_add(|text: &String| text == "a", 8, || "a".to_owned()).unwrap();
            let threads: Vec<_> = (0..8).map(|_| scope.spawn(start)).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });

        assert!(found.iter().all(|thing| std::ptr::eq(*thing, found[0])));
    }
}
