//! The keys, their values and when they expire.

use std::cell::Cell;
use std::collections::{BTreeMap, VecDeque};

use bytes::Bytes;

/// How many bytes keys and values may take: enough for any scenario, and not the machine's memory when a load of hours
/// writes a new key with every request.
pub(super) const MAX_MEMORY: usize = 256 << 20;

/// What a key takes beside itself and its value, in bytes, about.
const OVERHEAD: usize = 128;

/// All keys. Times are milliseconds since the Unix epoch.
///
/// Those that nobody asks for any more go when there are too many, as under Redis' `maxmemory-policy allkeys-lru`: by the
/// second-chance algorithm, which like Redis' own sampling only comes near to the least recently used.
#[derive(Debug)]
pub(super) struct Keyspace {
    /// Sorted, so that KEYS and SCAN answer in the same order every time.
    entries: BTreeMap<Bytes, Entry>,
    /// In which order they are looked at for whether they may go. One whose number is not that of its entry is none.
    queue: VecDeque<(u64, Bytes)>,
    /// The number of the next entry.
    next: u64,
    /// What all entries take, in bytes.
    bytes: usize,
    most: usize,
    evicted: u64,
}

/// A value, and when it expires if it does.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) value: Bytes,
    pub(super) expires: Option<i64>,
    number: u64,
    /// Whether it was asked for since it was looked at.
    asked: Cell<bool>,
}

impl Entry {
    fn lives(&self, now: i64) -> bool {
        self.expires.is_none_or(|at| now < at)
    }

    fn bytes(&self, key: &[u8]) -> usize {
        key.len() + self.value.len() + OVERHEAD
    }
}

impl Default for Keyspace {
    fn default() -> Self {
        Self::of(MAX_MEMORY)
    }
}

impl Keyspace {
    /// One that takes so many bytes at most.
    pub(super) fn of(most: usize) -> Self {
        Self { entries: BTreeMap::new(), queue: VecDeque::new(), next: 0, bytes: 0, most, evicted: 0 }
    }

    /// The entry of a key that has not expired.
    pub(super) fn get(&self, key: &[u8], now: i64) -> Option<&Entry> {
        let entry = self.entries.get(key).filter(|entry| entry.lives(now))?;
        entry.asked.set(true);
        Some(entry)
    }

    /// Sets a key. Copies both: they are slices of a read buffer that would otherwise live as long as the key.
    pub(super) fn set(&mut self, key: &[u8], value: &[u8], expires: Option<i64>, now: i64) {
        self.forget(key);
        let (number, key) = (self.next, Bytes::copy_from_slice(key));
        self.next += 1;
        let entry = Entry { value: Bytes::copy_from_slice(value), expires, number, asked: Cell::new(false) };
        self.bytes += entry.bytes(&key);
        self.queue.push_back((number, key.clone()));
        self.entries.insert(key, entry);
        self.make_room(now);
    }

    /// Removes a key; whether it was there.
    pub(super) fn remove(&mut self, key: &[u8], now: i64) -> bool {
        self.forget(key).is_some_and(|entry| entry.lives(now))
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
        let bytes = &mut self.bytes;
        self.entries.retain(|key, entry| {
            let lives = entry.lives(now);
            if !lives {
                *bytes -= entry.bytes(key);
            }
            lives
        });
        self.entries.keys()
    }

    /// Removes all keys.
    pub(super) fn clear(&mut self) {
        *self = Self { next: self.next, evicted: self.evicted, ..Self::of(self.most) };
    }

    /// How many keys had to go, since the start.
    pub(super) fn evicted(&self) -> u64 {
        self.evicted
    }

    fn forget(&mut self, key: &[u8]) -> Option<Entry> {
        let entry = self.entries.remove(key)?;
        self.bytes -= entry.bytes(key);
        Some(entry)
    }

    fn make_room(&mut self, now: i64) {
        // Keys that are set again and again leave a place in the queue each time.
        if self.queue.len() > 2 * self.entries.len() + 1024 {
            let entries = &self.entries;
            self.queue.retain(|(number, key)| entries.get(key).is_some_and(|entry| entry.number == *number));
        }
        while self.bytes > self.most {
            let Some((number, key)) = self.queue.pop_front() else { return };
            let Some(entry) = self.entries.get(&key).filter(|entry| entry.number == number) else { continue };
            let lives = entry.lives(now);
            if lives && entry.asked.take() {
                self.queue.push_back((number, key));
                continue;
            }
            self.forget(&key);
            self.evicted += u64::from(lives);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of room for four entries with keys of one byte and values of ten.
    fn four() -> Keyspace {
        Keyspace::of(4 * (11 + OVERHEAD))
    }

    fn set(keyspace: &mut Keyspace, key: &str) {
        keyspace.set(key.as_bytes(), &[0; 10], None, 0);
    }

    fn keys(keyspace: &mut Keyspace) -> String {
        keyspace.keys(0).map(|key| String::from_utf8_lossy(key).into_owned()).collect()
    }

    #[test]
    fn the_keys_nobody_asked_for_go_first() {
        let mut keyspace = four();
        for key in ["a", "b", "c", "d"] {
            set(&mut keyspace, key);
        }
        assert!(keyspace.get(b"a", 0).is_some());

        set(&mut keyspace, "e");
        set(&mut keyspace, "f");

        assert_eq!((keys(&mut keyspace).as_str(), keyspace.evicted()), ("adef", 2));
    }

    #[test]
    fn what_has_expired_goes_and_is_not_counted() {
        let mut keyspace = four();
        keyspace.set(b"a", &[0; 10], Some(5), 0);
        for key in ["b", "c", "d"] {
            set(&mut keyspace, key);
        }

        keyspace.set(b"e", &[0; 10], None, 5);

        assert_eq!((keys(&mut keyspace).as_str(), keyspace.evicted()), ("bcde", 0));
    }

    #[test]
    fn keys_that_are_set_and_removed_for_ever_take_no_memory() {
        let mut keyspace = four();

        for _ in 0..100_000 {
            set(&mut keyspace, "a");
            set(&mut keyspace, "b");
            assert!(keyspace.remove(b"b", 0));
        }

        assert!(keyspace.queue.len() < 2_000, "{}", keyspace.queue.len());
        assert_eq!((keys(&mut keyspace).as_str(), keyspace.evicted(), keyspace.bytes), ("a", 0, 11 + OVERHEAD));
    }

    #[test]
    fn a_value_larger_than_all_there_is_room_for_is_not_kept_and_nothing_goes_on_for_ever() {
        let mut keyspace = four();

        keyspace.set(b"a", &[0; 1000], None, 0);
        set(&mut keyspace, "b");

        assert_eq!(keys(&mut keyspace), "b");
    }

    #[test]
    fn all_may_be_removed() {
        let mut keyspace = four();
        set(&mut keyspace, "a");

        keyspace.clear();
        set(&mut keyspace, "b");

        assert_eq!((keys(&mut keyspace).as_str(), keyspace.bytes), ("b", 11 + OVERHEAD));
    }
}
