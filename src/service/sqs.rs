//! Embedded SQS standard queues: send, hide, come back, move away (semantics 4.6).

use std::sync::Arc;

use super::LambdaService;
use super::configuration::QueueConfiguration;
use super::deadlines::Timer;
use super::effect::Persist;
use super::happened::{Happened, MoveReason, Removal};
use super::ids::{MessageId, QueueName};
use super::input::{InvocationSource, NewMessage, StoredMessage};
use super::limits;
use super::state::{Message, MessageState, Queue, Received};
use super::time::Micros;

impl LambdaService {
    pub(super) fn configure_queue(&mut self, configuration: QueueConfiguration) {
        let name = configuration.name.clone();
        match self.queues.get_mut(&name) {
            Some(queue) => queue.configuration = configuration.clone(),
            None => drop(self.queues.insert(name.clone(), Queue::new(configuration.clone()))),
        }
        self.publish(Happened::QueueConfigured(configuration));
        self.unpark(&name);
        self.watch_age(&name);
        self.poll_queue(&name);
    }

    /// Gives a queue the messages that one of its name had, each hidden for as long as it would have been.
    fn unpark(&mut self, name: &QueueName) {
        let mut messages: Vec<_> = self.parked.remove(name).into_iter().flatten().collect();
        messages.sort_by_key(|(_, message)| message.order);
        for (message_id, message) in messages {
            self.publish_sent(name, message_id, &message, InvocationSource::Workbench);
            self.place_message(name, message_id, message);
        }
    }

    /// The messages stay on disk and come back with the queue of that name; those that a function has in hand, too.
    pub(super) fn remove_queue(&mut self, name: &str) {
        self.drop_batches_of_queue(name);
        if let Some((name, mut queue)) = self.queues.remove_entry(name) {
            for message in queue.messages.values_mut() {
                self.deadlines.clear(&mut message.timer);
            }
            self.deadlines.clear(&mut queue.expiry);
            self.parked.insert(name.clone(), queue.messages);
            self.publish(Happened::QueueRemoved(name));
        }
    }

    /// Each message that a queue does not take is refused with an event of its own.
    pub(super) fn send_messages(&mut self, queue: &QueueName, messages: Vec<NewMessage>, source: &InvocationSource) {
        for message in messages {
            match self.check_message(queue, &message) {
                Ok(()) => self.put_new(queue, message, source),
                Err(reason) => self.publish(Happened::MessageRefused { queue: queue.clone(), reason }),
            }
        }
        self.poll_queue(queue);
    }

    /// Whether a queue takes a message; else the reason.
    pub(super) fn check_message(&self, queue: &str, message: &NewMessage) -> Result<(), Arc<str>> {
        if !self.queues.contains_key(queue) {
            return Err(format!("there is no queue {queue}").into());
        }
        match message.bytes() {
            bytes if bytes > limits::MESSAGE_BODY => Err(format!(
                "it has {bytes} bytes, and a message of a queue may have {} with its attributes",
                limits::MESSAGE_BODY
            )
            .into()),
            _ => check_characters(&message.body),
        }
    }

    fn put_new(&mut self, queue: &QueueName, new: NewMessage, source: &InvocationSource) {
        let message_id = MessageId(self.random.uuid());
        let stored = StoredMessage {
            queue: queue.clone(),
            message_id,
            body: new.body,
            attributes: new.attributes,
            sent_at: self.now,
            first_received_at: None,
            receive_count: 0,
            visible_at: self.now + new.delay,
            came_from: None,
            trace_header: new.trace_header,
        };
        self.persist(Persist::MessagePut(stored.clone().into()), false);
        let message = self.last_in_line(stored);
        self.publish_sent(queue, message_id, &message, source.clone());
        self.place_message(queue, message_id, message);
    }

    fn publish_sent(&mut self, queue: &QueueName, message_id: MessageId, message: &Message, source: InvocationSource) {
        let Message { sent_at, visible_at, receive_count, .. } = *message;
        let (queue, body, came_from) = (queue.clone(), message.body.clone(), message.came_from.clone());
        self.publish(Happened::MessageSent { queue, message_id, body, source, sent_at, visible_at, receive_count, came_from });
    }

    /// A message that is the last of its queue.
    fn last_in_line(&mut self, stored: StoredMessage) -> Message {
        self.last_order += 1;
        Message {
            body: stored.body,
            attributes: stored.attributes,
            sent_at: stored.sent_at,
            first_received_at: stored.first_received_at,
            receive_count: stored.receive_count,
            state: MessageState::Invisible,
            visible_at: stored.visible_at,
            timer: None,
            order: self.last_order,
            came_from: stored.came_from,
            trace_header: stored.trace_header,
        }
    }

    /// Puts a message into a queue: it waits, or is hidden still.
    pub(super) fn place_message(&mut self, name: &QueueName, message_id: MessageId, mut message: Message) {
        let Some(queue) = self.queues.get_mut(name) else { return };
        if message.visible_at > self.now {
            let timer = Timer::MessageVisible(name.clone(), message_id);
            message.timer = Some(self.deadlines.set(message.visible_at, timer));
        } else {
            message.state = MessageState::Ready;
            queue.ready.insert(message.order, message_id);
        }
        queue.by_age.insert((message.sent_at, message_id));
        queue.messages.insert(message_id, message);
        self.watch_age(name);
    }

    pub(super) fn restore_message(&mut self, stored: StoredMessage) {
        if !self.queues.contains_key(&stored.queue) {
            // Its queue may be configured later; until then it is kept under a queue with default settings.
            self.configure_queue(QueueConfiguration::new(&stored.queue));
        }
        let (queue, message_id) = (stored.queue.clone(), stored.message_id);
        let message = self.last_in_line(stored);
        self.publish_sent(&queue, message_id, &message, InvocationSource::Workbench);
        self.place_message(&queue, message_id, message);
        self.poll_queue(&queue);
    }

    /// A message of a queue, or of one that is gone and may come back.
    pub(super) fn message_mut(&mut self, queue: &QueueName, message_id: MessageId) -> Option<&mut Message> {
        let messages = match self.queues.get_mut(queue) {
            Some(queue) => &mut queue.messages,
            None => self.parked.get_mut(queue)?,
        };
        messages.get_mut(&message_id)
    }

    /// The oldest message that waits; those that were received too often move away first.
    pub(super) fn next_to_receive(&mut self, queue_name: &QueueName) -> Option<MessageId> {
        loop {
            let queue = self.queues.get(queue_name)?;
            let message_id = *queue.ready.values().next()?;
            match self.redrive_target(queue, queue.messages.get(&message_id)?) {
                Some(target) => self.move_message(queue_name, &target, message_id, MoveReason::RedrivePolicy),
                None => return Some(message_id),
            }
        }
    }

    /// Hides a message that waits for the length of a visibility timeout.
    pub(super) fn receive(&mut self, queue_name: &QueueName, message_id: MessageId, visibility: Micros) -> Option<Received> {
        let queue = self.queues.get_mut(queue_name)?;
        let message = queue.messages.get_mut(&message_id)?;
        queue.ready.remove(&message.order);
        message.receive_count += 1;
        message.state = MessageState::Invisible;
        let invisible_until = self.now + visibility;
        message.visible_at = invisible_until;
        message.timer = Some(self.deadlines.set(invisible_until, Timer::MessageVisible(queue_name.clone(), message_id)));
        let received = Persist::MessageReceived {
            queue: queue_name.clone(),
            message_id,
            receive_count: message.receive_count,
            first_received_at: *message.first_received_at.get_or_insert(self.now),
            visible_at: invisible_until,
        };
        let receive_count = message.receive_count;
        self.persist(received, false);
        Some(Received { receive_count, invisible_until })
    }

    pub(super) fn message_visible(&mut self, queue_name: &QueueName, message_id: MessageId) {
        self.leave_unsent_batch(queue_name, message_id);
        let Some(queue) = self.queues.get_mut(queue_name) else { return };
        let Some(message) = queue.messages.get_mut(&message_id) else { return };
        message.timer = None;
        message.state = MessageState::Ready;
        queue.ready.insert(message.order, message_id);
        let receive_count = message.receive_count;
        self.publish(Happened::MessageVisible { queue: queue_name.clone(), message_id, receive_count });
        // What comes back at the same moment may go out in the same batch.
        if !self.deadlines.next_brings_back(queue_name, self.now) {
            self.poll_queue(queue_name);
        }
    }

    /// Both queues exist. What a redrive policy moves stays as old as it is: of standard queues "the expiration of a message is
    /// always based on its original enqueue timestamp. When a message is moved to a dead-letter queue, the enqueue timestamp is
    /// unchanged" (SQS developer guide, *Understanding message retention periods for dead-letter queues*). What is moved back
    /// begins anew: a redrive "resets the retention period", and its messages get a new enqueue time (*Configure a dead-letter
    /// queue redrive*); SQS gives them new ids, too, while here they keep theirs, so that one can follow them.
    fn move_message(&mut self, from: &QueueName, to: &QueueName, message_id: MessageId, reason: MoveReason) {
        let Some(message) = self.take_message(from, message_id) else { return };
        let receive_count = message.receive_count;
        let (sent_at, came_from) = match reason {
            MoveReason::RedrivePolicy => (message.sent_at, Some(from.clone())),
            MoveReason::MoveTask => (self.now, None),
        };
        let stored = StoredMessage {
            queue: to.clone(),
            message_id,
            body: message.body,
            attributes: message.attributes,
            sent_at,
            first_received_at: None,
            receive_count: 0,
            visible_at: self.now,
            came_from,
            trace_header: message.trace_header,
        };
        self.persist(Persist::MessagePut(stored.clone().into()), false);
        let moved = self.last_in_line(stored);
        self.place_message(to, message_id, moved);
        self.persist(Persist::MessageDeleted { queue: from.clone(), message_id }, false);
        self.publish(Happened::MessageMoved { from: from.clone(), to: to.clone(), message_id, receive_count, reason });
        self.poll_queue(to);
    }

    fn take_message(&mut self, queue: &QueueName, message_id: MessageId) -> Option<Message> {
        self.leave_batch(queue, message_id);
        let mut message = match self.queues.get_mut(queue) {
            Some(queue) => {
                let message = queue.messages.remove(&message_id)?;
                queue.ready.remove(&message.order);
                queue.by_age.remove(&(message.sent_at, message_id));
                message
            }
            None => self.parked.get_mut(queue)?.remove(&message_id)?,
        };
        self.deadlines.clear(&mut message.timer);
        self.watch_age(queue);
        Some(message)
    }

    /// Takes a message away for good; what a person deletes can be put back.
    pub(super) fn remove_message(&mut self, queue: &QueueName, message_id: MessageId, removal: Removal) {
        let Some(message) = self.take_message(queue, message_id) else { return };
        self.persist(Persist::MessageDeleted { queue: queue.clone(), message_id }, false);
        self.publish(Happened::MessageRemoved { queue: queue.clone(), message_id, removal });
        if removal == Removal::Person {
            self.keep_deleted(queue, message_id, message);
        }
    }

    pub(super) fn delete_message(&mut self, queue: &QueueName, message_id: MessageId) {
        self.remove_message(queue, message_id, Removal::Person);
        self.poll_queue(queue);
    }

    pub(super) fn purge(&mut self, queue: &QueueName) {
        let ids: Vec<_> = self.queues.get(queue).into_iter().flat_map(|queue| queue.messages.keys().copied()).collect();
        for message_id in ids {
            self.remove_message(queue, message_id, Removal::Person);
        }
        self.poll_queue(queue);
    }

    /// Moves every message that waits back to the queue that its redrive policy moved it away from, as `StartMessageMoveTask`
    /// does without a destination. Of what was sent here by somebody else SQS says `CouldNotDetermineMessageSource`: it stays.
    pub(super) fn redrive(&mut self, from: &QueueName) {
        let waiting: Vec<_> = self.queues.get(from).into_iter().flat_map(|queue| queue.ready.values().copied()).collect();
        for message_id in waiting {
            let source = self.queues.get(from).and_then(|queue| queue.messages.get(&message_id)?.came_from.clone());
            if let Some(source) = source.filter(|source| self.queues.contains_key(source)) {
                self.move_message(from, &source, message_id, MoveReason::MoveTask);
            }
        }
    }

    pub(super) fn queue_arn(&self, queue: &str) -> Arc<str> {
        format!("arn:aws:sqs:{}:{}:{queue}", self.settings.region, self.settings.account_id).into()
    }
}

/// What SQS takes (SendMessage, `MessageBody`): the characters of XML 1.0.
fn check_characters(body: &str) -> Result<(), Arc<str>> {
    let refused = |c: char| matches!(c, '\0'..='\x08' | '\x0b' | '\x0c' | '\x0e'..='\x1f' | '\u{fffe}' | '\u{ffff}');
    match body.char_indices().find(|(_, c)| refused(*c)) {
        Some((at, c)) => {
            let code = u32::from(c);
            Err(format!("it has the character U+{code:04X} at byte {at}, and SQS takes those of XML 1.0 only").into())
        }
        None => Ok(()),
    }
}
