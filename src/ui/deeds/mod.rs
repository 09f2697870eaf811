//! What can be done with each kind of thing, said once: for context menus, the palette and buttons.

mod deed;
mod function;
mod invocation;
mod lines;
mod menu;
mod queue;

pub use deed::{Deed, Group, of_selection};
pub use function::of_function;
pub use invocation::{InvocationDeed, Recorded, carry_out, in_history, of_invocation};
pub use lines::of_line;
pub use menu::{context_menu, context_menu_at, deeds_menu, deeds_ui};
pub use queue::{of_message, of_queue};
