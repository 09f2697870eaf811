//! The heap of a script: counted, so that its peak is known and its limit kept, and given back as a whole in the end.

use std::cell::Cell;
use std::ffi::c_void;
use std::ptr;
use std::rc::Rc;

use libmimalloc_sys as mimalloc;
use rquickjs::allocator::Allocator;

/// What a script's heap holds, in bytes.
#[derive(Debug)]
pub struct Heap {
    heap: *mut mimalloc::mi_heap_t,
    /// The engine's own state, its first allocation. It is never given back: the timers of LLRT know runtimes by this
    /// address for as long as the program lives, so no other runtime may get it.
    engine: Cell<*mut u8>,
    held: Cell<usize>,
    peak: Cell<usize>,
    refused: Cell<bool>,
    limit: usize,
}

impl Heap {
    #[must_use]
    pub fn new(limit: usize) -> Rc<Self> {
        // SAFETY: takes nothing.
        let heap = unsafe { mimalloc::mi_heap_new() };
        // Without a heap nothing has room, and no runtime starts.
        let limit = if heap.is_null() { 0 } else { limit };
        let engine = Cell::new(ptr::null_mut());
        Rc::new(Self { heap, engine, held: Cell::default(), peak: Cell::default(), refused: Cell::default(), limit })
    }

    /// The most that it ever held.
    #[must_use]
    pub fn peak(&self) -> usize {
        self.peak.get()
    }

    /// An invocation begins: what did not fit in an earlier one is forgotten.
    pub fn begin(&self) {
        self.refused.set(false);
    }

    /// Whether something did not fit since the invocation began. QuickJS may have no room to say so: it throws `null` then.
    pub fn was_full(&self) -> bool {
        self.refused.get()
    }

    /// Gives everything back, whether or not the runtime was taken apart.
    ///
    /// # Safety
    /// Nothing of the runtime may be used any more, not even to drop it.
    pub unsafe fn destroy(&self) {
        // SAFETY: the caller keeps the contract.
        unsafe { mimalloc::mi_heap_destroy(self.heap) };
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

/// Allocates in one heap. What does not fit gets nothing, which QuickJS makes an error of the script.
pub struct Counted(pub Rc<Heap>);

impl Counted {
    fn counted(&self, place: *mut c_void) -> *mut u8 {
        if !place.is_null() {
            // SAFETY: the place was just allocated.
            self.0.took(unsafe { mimalloc::mi_usable_size(place) });
        }
        place.cast()
    }

    /// The first block of all.
    fn engine(&self, size: usize) -> *mut u8 {
        // SAFETY: any size will do.
        let place = self.counted(unsafe { mimalloc::mi_zalloc(size) });
        self.0.engine.set(place);
        place
    }
}

// SAFETY: every place comes from mimalloc, which keeps the contract; counting touches none of them.
unsafe impl Allocator for Counted {
    fn alloc(&mut self, size: usize) -> *mut u8 {
        if self.0.engine.get().is_null() {
            return self.engine(size);
        }
        // SAFETY: the heap lives as long as the runtime.
        let place = if self.0.has_room(size) { unsafe { mimalloc::mi_heap_malloc(self.0.heap, size) } } else { ptr::null_mut() };
        self.counted(place)
    }

    fn calloc(&mut self, count: usize, size: usize) -> *mut u8 {
        match count.checked_mul(size) {
            Some(bytes) if self.0.engine.get().is_null() => self.engine(bytes),
            // SAFETY: the heap lives as long as the runtime.
            Some(bytes) if self.0.has_room(bytes) => self.counted(unsafe { mimalloc::mi_heap_calloc(self.0.heap, count, size) }),
            _ => ptr::null_mut(),
        }
    }

    unsafe fn dealloc(&mut self, place: *mut u8) {
        if place == self.0.engine.get() {
            return;
        }
        // SAFETY: the caller says that the place is one of ours.
        unsafe {
            self.0.gave_back(mimalloc::mi_usable_size(place.cast()));
            mimalloc::mi_free(place.cast());
        }
    }

    unsafe fn realloc(&mut self, place: *mut u8, new_size: usize) -> *mut u8 {
        // SAFETY: the caller says that the place is one of ours.
        unsafe {
            let before = mimalloc::mi_usable_size(place.cast());
            if new_size > before && !self.0.has_room(new_size - before) {
                return ptr::null_mut();
            }
            let place = mimalloc::mi_heap_realloc(self.0.heap, place.cast(), new_size);
            if !place.is_null() {
                self.0.gave_back(before);
            }
            self.counted(place)
        }
    }

    unsafe fn usable_size(place: *mut u8) -> usize {
        // SAFETY: the caller says that the place is one of ours.
        unsafe { mimalloc::mi_usable_size(place.cast()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_peak_is_kept_and_the_limit_is_hard() {
        let heap = Heap::new(100_000);
        let mut allocator = Counted(Rc::clone(&heap));
        let engine = allocator.calloc(1, 64);
        let before = heap.held.get();
        let first = allocator.alloc(60_000);
        assert!(allocator.alloc(50_000).is_null() && allocator.calloc(usize::MAX, 2).is_null());
        // SAFETY: the places are this allocator's, and each is given back once.
        unsafe {
            let grown = allocator.realloc(first, 80_000);
            assert!(!grown.is_null() && allocator.realloc(grown, 110_000).is_null());
            allocator.dealloc(grown);
            allocator.dealloc(engine);
        }
        assert_eq!(heap.held.get(), before, "the engine's own block stays");
        assert!((80_000..=100_000).contains(&heap.peak()) && heap.was_full());
        heap.begin();
        assert!(!heap.was_full());
        allocator.alloc(10_000);
        // SAFETY: nothing of it is used any more.
        unsafe { heap.destroy() };
    }
}
