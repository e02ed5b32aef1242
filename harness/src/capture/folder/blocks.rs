//! Cuts a file of lines into blocks, and works on several at once.

use std::io::{self, ErrorKind, Read};
use std::num::NonZero;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, channel, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use crate::capture::Interner;

/// Size of a block, in bytes: large enough that handing it over costs nothing, small enough that a few fit the cache
/// and small captures are worth dividing too.
const BLOCK_BYTES: usize = 1 << 20;

/// Most threads at work: more would wait for memory.
const MOST_THREADS: usize = 8;

/// Whole lines of a file; only its last line may lack the line break.
#[derive(Debug)]
pub(super) struct Block {
    /// Number of its first line, from 1.
    pub(super) line: usize,
    /// Position of its first byte in the file.
    pub(super) offset: u64,
    pub(super) bytes: Vec<u8>,
}

/// The blocks of a file.
pub(super) struct Blocks<R> {
    from: R,
    /// The beginning of a line, read with the block before.
    carried: Vec<u8>,
    line: usize,
    offset: u64,
    ended: bool,
}

impl<R: Read> Blocks<R> {
    pub(super) fn new(from: R) -> Self {
        Self { from, carried: Vec::new(), line: 1, offset: 0, ended: false }
    }

    /// Number of the line that follows the last block, from 1, and the position of its first byte.
    pub(super) fn position(&self) -> (usize, u64) {
        (self.line, self.offset)
    }

    /// The next block, `None` at the end of the file.
    pub(super) fn next(&mut self) -> io::Result<Option<Block>> {
        let mut bytes = std::mem::take(&mut self.carried);
        bytes.reserve(BLOCK_BYTES.saturating_sub(bytes.len()));
        while !self.ended {
            let wanted =
                u64::try_from(BLOCK_BYTES.saturating_sub(bytes.len()).max(BLOCK_BYTES / 4)).unwrap_or(u64::MAX);
            match (&mut self.from).take(wanted).read_to_end(&mut bytes) {
                Ok(0) => self.ended = true,
                Ok(_) => {}
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            }
            if bytes.len() < BLOCK_BYTES {
                continue;
            }
            if let Some(end) = memchr::memrchr(b'\n', &bytes) {
                self.carried = bytes.split_off(end + 1);
                break;
            }
        }
        if bytes.is_empty() {
            return Ok(None);
        }
        let block = Block { line: self.line, offset: self.offset, bytes };
        self.line += memchr::memchr_iter(b'\n', &block.bytes).count();
        self.offset += u64::try_from(block.bytes.len()).unwrap_or(u64::MAX);
        Ok(Some(block))
    }
}

/// Maps every block, on as many threads as the machine has cores, and gives the results in the order of the blocks.
/// Each thread shares strings among its own blocks. Stops at an error, and gives the one nearest the beginning.
pub(super) fn map<R, T, E>(
    blocks: &mut Blocks<R>,
    map: impl Fn(&Block, &mut Interner) -> Result<T, E> + Sync,
    read_error: impl Fn(io::Error, &Blocks<R>) -> E,
) -> Result<Vec<T>, E>
where
    R: Read,
    T: Send,
    E: Send,
{
    let Some(first) = blocks.next().map_err(|error| read_error(error, blocks))? else { return Ok(Vec::new()) };
    if blocks.ended && blocks.carried.is_empty() {
        return map(&first, &mut Interner::default()).map(|only| vec![only]);
    }
    let threads = thread::available_parallelism().map_or(1, NonZero::get).min(MOST_THREADS);
    let failed = AtomicBool::new(false);
    let (send_block, blocks_to_do) = sync_channel::<(usize, Block)>(2 * threads);
    // Owned by the workers alone: should they all be gone, sending fails instead of waiting for ever.
    let blocks_to_do = Arc::new(Mutex::new(blocks_to_do));
    let (send_result, results) = channel();
    thread::scope(|scope| {
        for _ in 0..threads {
            let (send_result, blocks_to_do) = (send_result.clone(), blocks_to_do.clone());
            let (failed, map) = (&failed, &map);
            scope.spawn(move || {
                let mut strings = Interner::default();
                while let Some((number, block)) = take(&blocks_to_do) {
                    let result = map(&block, &mut strings);
                    failed.fetch_or(result.is_err(), Ordering::Relaxed);
                    if send_result.send((number, result)).is_err() {
                        return;
                    }
                }
            });
        }
        drop(blocks_to_do);
        let mut next = Ok(Some(first));
        // Blocks go out in order and each is finished, so the first error is among the results.
        for number in 0.. {
            match next {
                Ok(Some(block)) => {
                    if failed.load(Ordering::Relaxed) || send_block.send((number, block)).is_err() {
                        break;
                    }
                }
                Ok(None) => break,
                Err(error) => {
                    // The receiver is below: it is there.
                    let _ = send_result.send((number, Err(read_error(error, blocks))));
                    break;
                }
            }
            next = blocks.next();
        }
        drop((send_block, send_result));
        let mut in_order: Vec<_> = results.into_iter().collect();
        in_order.sort_unstable_by_key(|(number, _)| *number);
        in_order.into_iter().map(|(_, result)| result).collect()
    })
}

fn take<T>(queue: &Mutex<Receiver<T>>) -> Option<T> {
    queue.lock().unwrap_or_else(PoisonError::into_inner).recv().ok()
}
