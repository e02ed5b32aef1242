//! What can be changed in a collection. A write is checked whole before anything of it is stored.

use qdrant_client::qdrant::points_selector::PointsSelectorOneOf;
use qdrant_client::qdrant::vector::Vector as Kind;
use qdrant_client::qdrant::vectors::VectorsOptions;
use qdrant_client::qdrant::{
    ClearPayloadPoints, CreateFieldIndexCollection, DeletePayloadPoints, DeletePoints, FieldType, PayloadSchemaInfo,
    PayloadSchemaType, PointStruct, PointsSelector, SetPayloadPoints, UpdateMode, UpsertPoints, Value, Vector, Vectors,
};

use super::Error;
use super::collection::{Collection, Point};
use super::error::refuse;
use super::filter::Filter;
use super::id::Id;
use super::path::Path;

impl Collection {
    /// `Points/Upsert`: the operation's id and how many points it wrote.
    pub(in crate::standins::qdrant) fn upsert(&mut self, request: UpsertPoints) -> Result<(u64, usize), Error> {
        refuse(request.shard_key_selector.is_some(), "shard keys")?;
        refuse(request.update_filter.is_some(), "update filters")?;
        refuse(request.update_mode.is_some_and(|mode| mode != UpdateMode::Upsert as i32), "update modes")?;
        if request.points.is_empty() {
            return Err(Error::BadInput("Empty update request".to_owned()));
        }
        let points = request.points.into_iter().map(|point| self.read_point(point)).collect::<Result<Vec<_>, _>>()?;

        let ids: Vec<Id> = points.iter().map(|(id, _)| *id).collect();
        let version = self.next_write();
        self.points.extend(points.into_iter().map(|(id, point)| (id, Point { version, ..point })));
        self.engine.put(&self.points, &ids)?;
        Ok((version, ids.len()))
    }

    /// `Points/Delete`, by ids or by filter. Ids that do not exist are no error.
    pub(in crate::standins::qdrant) fn delete(&mut self, request: DeletePoints) -> Result<(u64, usize), Error> {
        refuse(request.shard_key_selector.is_some(), "shard keys")?;
        let ids = self.select(request.points)?;

        self.engine.forget(&ids)?;
        let removed = ids.iter().filter(|id| self.points.remove(id).is_some()).count();
        Ok((self.next_write(), removed))
    }

    /// `Points/SetPayload`: adds keys, replaces those that exist, and removes those set to null.
    pub(in crate::standins::qdrant) fn set_payload(
        &mut self,
        request: SetPayloadPoints,
    ) -> Result<(u64, usize), Error> {
        refuse(request.key.is_some(), "set_payload below a key")?;
        refuse(request.shard_key_selector.is_some(), "shard keys")?;
        let ids = self.select(request.points_selector)?;

        self.touch(&ids, |point| {
            for (key, value) in &request.payload {
                if is_null(value) {
                    point.payload.remove(key);
                } else {
                    point.payload.insert(key.clone(), value.clone());
                }
            }
        })
    }

    /// `Points/OverwritePayload`: replaces the whole payload.
    pub(in crate::standins::qdrant) fn overwrite_payload(
        &mut self,
        request: SetPayloadPoints,
    ) -> Result<(u64, usize), Error> {
        refuse(request.key.is_some(), "overwrite_payload below a key")?;
        refuse(request.shard_key_selector.is_some(), "shard keys")?;
        let ids = self.select(request.points_selector)?;

        self.touch(&ids, |point| point.payload.clone_from(&request.payload))
    }

    /// `Points/DeletePayload`: removes keys.
    pub(in crate::standins::qdrant) fn delete_payload(
        &mut self,
        request: DeletePayloadPoints,
    ) -> Result<(u64, usize), Error> {
        refuse(request.shard_key_selector.is_some(), "shard keys")?;
        let key = |text: &String| {
            Path::parse(text)?.top_level().ok_or(Error::Unsupported("deleting payload below the top level"))
        };
        let keys = request.keys.iter().map(key).collect::<Result<Vec<_>, _>>()?;
        let ids = self.select(request.points_selector)?;

        self.touch(&ids, |point| keys.iter().for_each(|key| drop(point.payload.remove(key))))
    }

    /// `Points/ClearPayload`: removes the whole payload.
    pub(in crate::standins::qdrant) fn clear_payload(
        &mut self,
        request: ClearPayloadPoints,
    ) -> Result<(u64, usize), Error> {
        refuse(request.shard_key_selector.is_some(), "shard keys")?;
        let ids = self.select(request.points)?;

        self.touch(&ids, |point| point.payload.clear())
    }

    /// `Points/CreateFieldIndex`: listed in the collection's info; exact filters need no index.
    pub(in crate::standins::qdrant) fn create_index(
        &mut self,
        request: CreateFieldIndexCollection,
    ) -> Result<(u64, usize), Error> {
        Path::parse(&request.field_name)?;
        let info = PayloadSchemaInfo {
            data_type: schema_type(request.field_type)?.into(),
            params: request.field_index_params,
            points: Some(self.points.len() as u64),
        };
        self.indexes.insert(request.field_name, info);
        Ok((self.next_write(), 0))
    }

    /// `Points/DeleteFieldIndex`.
    pub(in crate::standins::qdrant) fn delete_index(&mut self, field: &str) -> (u64, usize) {
        self.indexes.remove(field);
        (self.next_write(), 0)
    }

    fn next_write(&mut self) -> u64 {
        let write = self.writes;
        self.writes += 1;
        write
    }

    fn read_point(&self, point: PointStruct) -> Result<(Id, Point), Error> {
        let id = Id::read(point.id.as_ref())?;
        let vector = self.prepare(read_vector(point.vectors)?)?;
        Ok((id, Point { vector, payload: point.payload, version: 0 }))
    }

    /// The ids a selector names; those of a filter are the ones that exist.
    fn select(&self, selector: Option<PointsSelector>) -> Result<Vec<Id>, Error> {
        match selector.and_then(|selector| selector.points_selector_one_of) {
            Some(PointsSelectorOneOf::Points(list)) => list.ids.iter().map(|id| Id::read(Some(id))).collect(),
            Some(PointsSelectorOneOf::Filter(filter)) => {
                let filter = Filter::read(Some(filter))?;
                Ok(self.filtered(&filter)?.into_iter().map(|(id, _)| id).collect())
            }
            None => Err(Error::Malformed("Malformed PointsSelector type".to_owned())),
        }
    }

    /// Changes the points with these ids. A missing one is an error, and then none is changed.
    fn touch(&mut self, ids: &[Id], change: impl Fn(&mut Point)) -> Result<(u64, usize), Error> {
        if let Some(missing) = ids.iter().find(|id| !self.points.contains_key(id)) {
            return Err(Error::no_point(*missing));
        }
        let version = self.next_write();
        for id in ids {
            if let Some(point) = self.points.get_mut(id) {
                change(point);
                point.version = version;
            }
        }
        self.engine.put(&self.points, ids)?;
        Ok((version, ids.len()))
    }
}

fn read_vector(vectors: Option<Vectors>) -> Result<Vec<f32>, Error> {
    let vector = match vectors.and_then(|vectors| vectors.vectors_options) {
        Some(VectorsOptions::Vector(vector)) => vector,
        Some(VectorsOptions::Vectors(mut named)) => match named.vectors.keys().find(|name| !name.is_empty()) {
            Some(name) => return Err(Error::no_vector(name)),
            None => named.vectors.remove("").ok_or(Error::Unsupported("points without a vector"))?,
        },
        None => return Err(Error::Malformed("Expected some vectors".to_owned())),
    };
    dense(vector)
}

#[expect(deprecated, reason = "older clients still send the deprecated fields")]
fn dense(vector: Vector) -> Result<Vec<f32>, Error> {
    match vector.vector {
        Some(Kind::Dense(dense)) => Ok(dense.data),
        Some(_) => Err(Error::Unsupported("vectors that are not dense")),
        None if vector.indices.is_some() => Err(Error::Unsupported("sparse vectors")),
        None if vector.vectors_count.is_some_and(|count| count > 1) => Err(Error::Unsupported("multivectors")),
        None => Ok(vector.data),
    }
}

fn is_null(value: &Value) -> bool {
    use qdrant_client::qdrant::value::Kind;
    matches!(value.kind, None | Some(Kind::NullValue(_)))
}

fn schema_type(field_type: Option<i32>) -> Result<PayloadSchemaType, Error> {
    let field_type = field_type.map(FieldType::try_from).transpose();
    match field_type.map_err(|_| Error::Malformed("Malformed field type".to_owned()))? {
        None => Err(Error::Malformed("Field type is missing".to_owned())),
        Some(FieldType::Keyword) => Ok(PayloadSchemaType::Keyword),
        Some(FieldType::Integer) => Ok(PayloadSchemaType::Integer),
        Some(FieldType::Float) => Ok(PayloadSchemaType::Float),
        Some(FieldType::Bool) => Ok(PayloadSchemaType::Bool),
        Some(FieldType::Datetime) => Ok(PayloadSchemaType::Datetime),
        Some(FieldType::Uuid) => Ok(PayloadSchemaType::Uuid),
        Some(FieldType::Geo) => Ok(PayloadSchemaType::Geo),
        Some(FieldType::Text) => Ok(PayloadSchemaType::Text),
    }
}
