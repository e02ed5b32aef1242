//! The keys, their values and when they expire.

use std::collections::BTreeMap;

use bytes::Bytes;

/// All keys. Times are milliseconds since the Unix epoch.
#[derive(Debug, Default)]
pub(super) struct Keyspace {
    /// Sorted, so that KEYS and SCAN answer in the same order every time.
    entries: BTreeMap<Bytes, Entry>,
}

/// A value, and when it expires if it does.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) value: Bytes,
    pub(super) expires: Option<i64>,
}

impl Entry {
    fn lives(&self, now: i64) -> bool {
        self.expires.is_none_or(|at| now < at)
    }
}

impl Keyspace {
    /// The entry of a key that has not expired.
    pub(super) fn get(&self, key: &[u8], now: i64) -> Option<&Entry> {
        self.entries.get(key).filter(|entry| entry.lives(now))
    }

    /// Sets a key. Copies both: they are slices of a read buffer that would otherwise live as long as the key.
    pub(super) fn set(&mut self, key: &[u8], value: &[u8], expires: Option<i64>) {
        let entry = Entry { value: Bytes::copy_from_slice(value), expires };
        self.entries.insert(Bytes::copy_from_slice(key), entry);
    }

    /// Removes a key; whether it was there.
    pub(super) fn remove(&mut self, key: &[u8], now: i64) -> bool {
        self.entries.remove(key).is_some_and(|entry| entry.lives(now))
    }

    /// Changes when a key expires; whether it was there. A time that has passed removes it.
    pub(super) fn expire(&mut self, key: &[u8], at: Option<i64>, now: i64) -> bool {
        match self.entries.get_mut(key).filter(|entry| entry.lives(now)) {
            Some(entry) => {
                entry.expires = at;
                true
            }
            None => false,
        }
    }

    /// The keys that have not expired, sorted. Forgets those that have.
    pub(super) fn keys(&mut self, now: i64) -> impl ExactSizeIterator<Item = &Bytes> {
        self.entries.retain(|_, entry| entry.lives(now));
        self.entries.keys()
    }

    /// Removes all keys.
    pub(super) fn clear(&mut self) {
        self.entries.clear();
    }
}
