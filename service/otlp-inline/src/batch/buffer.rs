//! Where ended spans and log records wait: encoded, in buffers of a few threads each, then in a queue of full ones.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use super::{BatchConfig, Loss};
use crate::{
    encode::envelope::{self, EncodedScope},
    shards::Shards,
};

/// A batch is full at this many bytes, however few items it has: collectors take 4 MiB a gRPC message unless told
/// otherwise (<https://pkg.go.dev/google.golang.org/grpc#MaxRecvMsgSize>), and an item of the limit's size must still
/// fit.
const FULL_BYTES: usize = 1 << 20;

/// The queue is full at this many bytes, however few items it has.
const QUEUE_BYTES: usize = 64 << 20;

/// Buffers kept to be filled again.
const SPARE_BUFFERS: usize = 8;

/// Items of one scope, as the fields of a request.
#[derive(Debug)]
pub(crate) struct Body {
    pub(crate) scope: Arc<EncodedScope>,
    pub(crate) bytes: Vec<u8>,
}

/// What is sent together.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    pub(crate) bodies: Vec<Body>,
    pub(crate) items: usize,
    bytes: usize,
}

/// A buffer that a few threads write to.
#[derive(Default)]
struct Filling {
    batch: Batch,
    /// Nothing is taken any more.
    closed: bool,
}

/// Full batches, the oldest first.
#[derive(Default)]
struct Queue {
    batches: VecDeque<Batch>,
    items: usize,
    bytes: usize,
    spare: Vec<Vec<u8>>,
}

/// Everything that waits for its export. Memory is bounded: by the queue's limits, and a batch for each shard.
pub(crate) struct Buffers {
    shards: Shards<Filling>,
    queue: Mutex<Queue>,
    most_queued: usize,
    full_items: usize,
}

/// What became of an item.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Taken {
    /// It waits.
    Waiting,
    /// It waits, and a batch is full: with it, or without it.
    BatchFull,
    /// It is lost.
    Lost(Loss),
}

impl Buffers {
    pub(crate) fn new(config: &BatchConfig) -> Self {
        Self {
            shards: Shards::default(),
            queue: Mutex::default(),
            most_queued: config.max_queue_size,
            full_items: config.max_export_batch_size.clamp(1, config.max_queue_size.max(1)),
        }
    }

    /// Takes an item, which `write` appends. Costs a lock that other threads rarely hold.
    #[inline]
    pub(crate) fn push(&self, scope: &Arc<EncodedScope>, write: impl FnOnce(&mut Vec<u8>)) -> Taken {
        let mut filling = self.shards.mine();
        if filling.closed {
            return Taken::Lost(Loss::AlreadyShutdown);
        }
        // It was left full because the queue was.
        let mut handed_over = self.is_full(&filling.batch);
        if handed_over && !self.hand_over(&mut filling.batch) {
            return Taken::Lost(Loss::QueueFull);
        }
        let appended = filling.batch.append(scope, || lock(&self.queue).spare.pop(), write);
        if filling.batch.items > 1 && filling.batch.bytes > FULL_BYTES {
            let last = filling.batch.take_back(appended);
            if !self.hand_over(&mut filling.batch) {
                return Taken::Lost(Loss::QueueFull);
            }
            handed_over = true;
            filling.batch.append_whole(scope, last);
        }
        handed_over |= self.is_full(&filling.batch) && self.hand_over(&mut filling.batch);
        if handed_over { Taken::BatchFull } else { Taken::Waiting }
    }

    #[inline]
    fn is_full(&self, batch: &Batch) -> bool {
        batch.items >= self.full_items || batch.bytes > FULL_BYTES
    }

    /// Moves a full batch to the queue, if there is room.
    fn hand_over(&self, batch: &mut Batch) -> bool {
        let mut queue = lock(&self.queue);
        let has_room = queue.items + batch.items <= self.most_queued && queue.bytes + batch.bytes <= QUEUE_BYTES;
        if has_room {
            queue.push(std::mem::take(batch));
        }
        has_room
    }

    /// Moves what waits in the shards to the queue, full or not, with several shards' in one batch where they fit. With
    /// `close`, they take nothing more.
    pub(crate) fn gather(&self, close: bool) {
        let mut gathered: Vec<Batch> = Vec::new();
        for mut filling in self.shards.each() {
            filling.closed |= close;
            let batch = std::mem::take(&mut filling.batch);
            drop(filling);
            if batch.items == 0 {
                continue;
            }
            match gathered.last_mut() {
                Some(last) if last.items + batch.items <= self.full_items && last.bytes + batch.bytes <= FULL_BYTES => {
                    last.join(batch);
                }
                _ => gathered.push(batch),
            }
        }
        let mut queue = lock(&self.queue);
        for batch in gathered {
            queue.push(batch);
        }
    }

    /// How many batches are queued.
    pub(crate) fn queued(&self) -> usize {
        lock(&self.queue).batches.len()
    }

    /// The oldest batch.
    pub(crate) fn next(&self) -> Option<Batch> {
        let mut queue = lock(&self.queue);
        let batch = queue.batches.pop_front()?;
        queue.items -= batch.items;
        queue.bytes -= batch.bytes;
        Some(batch)
    }

    /// Gives a buffer back to be filled again.
    pub(crate) fn reuse(&self, mut buffer: Vec<u8>) {
        let mut queue = lock(&self.queue);
        if queue.spare.len() < SPARE_BUFFERS && buffer.capacity() <= 2 * FULL_BYTES {
            buffer.clear();
            queue.spare.push(buffer);
        }
    }
}

/// Where the last item of a batch is.
struct Appended {
    body: usize,
    length: usize,
}

impl Batch {
    #[inline]
    fn append(
        &mut self,
        scope: &Arc<EncodedScope>,
        buffer: impl FnOnce() -> Option<Vec<u8>>,
        write: impl FnOnce(&mut Vec<u8>),
    ) -> Appended {
        let body = self.bodies.iter().position(|body| Arc::ptr_eq(&body.scope, scope)).unwrap_or_else(|| {
            self.bodies.push(Body { scope: Arc::clone(scope), bytes: buffer().unwrap_or_default() });
            self.bodies.len() - 1
        });
        let length = Whole::of(&mut self.bodies[body].bytes).and(write);
        self.bytes += length;
        self.items += 1;
        Appended { body, length }
    }

    /// Takes the last item out again.
    #[cold]
    fn take_back(&mut self, Appended { body, length }: Appended) -> Vec<u8> {
        let bytes = &mut self.bodies[body].bytes;
        let last = bytes.split_off(bytes.len() - length);
        self.bytes -= length;
        self.items -= 1;
        if self.bodies[body].bytes.is_empty() {
            self.bodies.remove(body);
        }
        last
    }

    /// Appends an item that was taken out, to a batch without any.
    fn append_whole(&mut self, scope: &Arc<EncodedScope>, item: Vec<u8>) {
        self.items += 1;
        self.bytes += item.len();
        self.bodies.push(Body { scope: Arc::clone(scope), bytes: item });
    }

    fn join(&mut self, other: Self) {
        self.items += other.items;
        self.bytes += other.bytes;
        self.bodies.extend(other.bodies);
    }
}

/// Whole items only: what was begun and panicked is taken out again.
struct Whole<'b> {
    bytes: &'b mut Vec<u8>,
    length: usize,
}

impl<'b> Whole<'b> {
    #[inline]
    fn of(bytes: &'b mut Vec<u8>) -> Self {
        let length = bytes.len();
        Self { bytes, length }
    }

    /// One more, which `write` appends. Gives its length, the head included.
    #[inline]
    fn and(mut self, write: impl FnOnce(&mut Vec<u8>)) -> usize {
        let before = self.length;
        envelope::item(self.bytes, write);
        self.length = self.bytes.len();
        self.length - before
    }
}

impl Drop for Whole<'_> {
    #[inline]
    fn drop(&mut self) {
        self.bytes.truncate(self.length);
    }
}

impl Queue {
    fn push(&mut self, batch: Batch) {
        self.items += batch.items;
        self.bytes += batch.bytes;
        self.batches.push_back(batch);
    }
}

/// As for the shards.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};

    use opentelemetry::InstrumentationScope;

    use super::*;

    fn buffers() -> (Buffers, Arc<EncodedScope>) {
        (Buffers::new(&BatchConfig::default()), Arc::new(EncodedScope::new(&InstrumentationScope::default(), None)))
    }

    fn gathered(buffers: &Buffers) -> Vec<(usize, usize)> {
        buffers.gather(false);
        std::iter::from_fn(|| buffers.next())
            .map(|batch| (batch.items, batch.bodies.iter().map(|body| body.bytes.len()).sum()))
            .collect()
    }

    #[test]
    fn an_item_that_panics_takes_no_part_of_itself_into_the_batch() {
        let (buffers, scope) = buffers();

        buffers.push(&scope, |out| out.extend_from_slice(&[1; 200]));
        let panicked = catch_unwind(AssertUnwindSafe(|| {
            buffers.push(&scope, |out| {
                out.extend_from_slice(&[2; 100]);
                panic!("on purpose");
            })
        }));
        buffers.push(&scope, |out| out.extend_from_slice(&[3; 200]));

        assert!(panicked.is_err());
        assert_eq!(gathered(&buffers), [(2, 2 * 203)]);
    }

    #[test]
    fn an_item_that_makes_a_batch_too_long_begins_the_next() {
        let (buffers, scope) = buffers();
        let (most, head) = (FULL_BYTES - 10, 4);

        assert_eq!(buffers.push(&scope, |out| out.resize(out.len() + most, 1)), Taken::Waiting);
        assert_eq!(buffers.push(&scope, |out| out.extend_from_slice(&[2; 200])), Taken::BatchFull);

        assert_eq!(gathered(&buffers), [(1, most + head), (1, 203)]);
    }

    #[test]
    fn an_item_for_which_there_is_no_room_is_lost_and_no_other() {
        let config = BatchConfig { max_queue_size: 2, max_export_batch_size: 2, ..BatchConfig::default() };
        let (_, scope) = buffers();
        let buffers = Buffers::new(&config);
        let push = || buffers.push(&scope, |out| out.extend_from_slice(&[1; 200]));

        let taken: Vec<Taken> = (0..5).map(|_| push()).collect();

        assert_eq!(taken[..4], [Taken::Waiting, Taken::BatchFull, Taken::Waiting, Taken::Waiting]);
        assert_eq!(taken[4], Taken::Lost(Loss::QueueFull));
        assert_eq!(gathered(&buffers), [(2, 406), (2, 406)]);
    }
}
