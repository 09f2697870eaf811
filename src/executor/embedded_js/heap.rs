//! The heap of a script: the program's own allocator, counted, so that its peak is known and its limit kept.

use std::cell::Cell;
use std::rc::Rc;

use rquickjs::allocator::{Allocator, RustAllocator};

/// What a script's heap holds, in bytes.
#[derive(Debug)]
pub struct Heap {
    held: Cell<usize>,
    peak: Cell<usize>,
    refused: Cell<bool>,
    limit: usize,
}

impl Heap {
    #[must_use]
    pub fn new(limit: usize) -> Rc<Self> {
        Rc::new(Self { held: Cell::new(0), peak: Cell::new(0), refused: Cell::new(false), limit })
    }

    /// The most that it ever held.
    #[must_use]
    pub fn peak(&self) -> usize {
        self.peak.get()
    }

    /// Whether something did not fit since this was asked last. QuickJS may have no room to say so: it throws `null` then.
    pub fn was_full(&self) -> bool {
        self.refused.replace(false)
    }

    fn has_room(&self, more: usize) -> bool {
        let fits = self.held.get().saturating_add(more) <= self.limit;
        if !fits {
            self.refused.set(true);
        }
        fits
    }

    fn took(&self, bytes: usize) {
        self.held.set(self.held.get() + bytes);
        self.peak.set(self.peak.get().max(self.held.get()));
    }

    fn gave_back(&self, bytes: usize) {
        self.held.set(self.held.get() - bytes);
    }
}

/// Allocates for one heap. What does not fit gets nothing, which QuickJS makes an error of the script.
pub struct Counted(pub Rc<Heap>);

impl Counted {
    fn counted(&self, place: *mut u8) -> *mut u8 {
        if !place.is_null() {
            // SAFETY: the place was just allocated by this allocator.
            self.0.took(unsafe { RustAllocator::usable_size(place) });
        }
        place
    }
}

// SAFETY: every place comes from `RustAllocator`, which keeps the contract; counting touches none of them.
unsafe impl Allocator for Counted {
    fn alloc(&mut self, size: usize) -> *mut u8 {
        let place = if self.0.has_room(size) { RustAllocator.alloc(size) } else { std::ptr::null_mut() };
        self.counted(place)
    }

    fn calloc(&mut self, count: usize, size: usize) -> *mut u8 {
        let fits = count.checked_mul(size).is_some_and(|bytes| self.0.has_room(bytes));
        let place = if fits { RustAllocator.calloc(count, size) } else { std::ptr::null_mut() };
        self.counted(place)
    }

    unsafe fn dealloc(&mut self, place: *mut u8) {
        // SAFETY: the caller says that the place is one of ours.
        unsafe {
            self.0.gave_back(RustAllocator::usable_size(place));
            RustAllocator.dealloc(place);
        }
    }

    unsafe fn realloc(&mut self, place: *mut u8, new_size: usize) -> *mut u8 {
        // SAFETY: the caller says that the place is one of ours.
        unsafe {
            let before = RustAllocator::usable_size(place);
            if new_size > before && !self.0.has_room(new_size - before) {
                return std::ptr::null_mut();
            }
            let place = RustAllocator.realloc(place, new_size);
            if !place.is_null() {
                self.0.gave_back(before);
            }
            self.counted(place)
        }
    }

    unsafe fn usable_size(place: *mut u8) -> usize {
        // SAFETY: the caller says that the place is one of ours.
        unsafe { RustAllocator::usable_size(place) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_peak_is_kept_and_the_limit_is_hard() {
        let heap = Heap::new(1_000);
        let mut allocator = Counted(Rc::clone(&heap));
        let first = allocator.alloc(600);
        assert!(allocator.alloc(500).is_null() && allocator.calloc(usize::MAX, 2).is_null());
        // SAFETY: the places are this allocator's, and each is given back once.
        unsafe {
            let grown = allocator.realloc(first, 800);
            assert!(!grown.is_null() && allocator.realloc(grown, 1_100).is_null());
            allocator.dealloc(grown);
        }
        assert_eq!((heap.held.get(), heap.peak()), (0, 800));
        assert!(heap.was_full() && !heap.was_full());
    }
}
