// Books payments from the queue "incoming", many at once. A record that cannot be booked is named in the answer:
// only that one comes back to the queue, the others are done.

export const handler = async (event) => {
  const batchItemFailures = [];
  for (const record of event.Records) {
    try {
      book(JSON.parse(record.body));
    } catch (error) {
      console.log(`${record.messageId} failed: ${error.message}`);
      batchItemFailures.push({ itemIdentifier: record.messageId });
    }
  }
  console.log(`booked ${event.Records.length - batchItemFailures.length} of ${event.Records.length}`);
  return { batchItemFailures };
};

function book(payment) {
  if (payment.poison) {
    throw new Error(`order ${payment.orderId} is poison: it fails however often it is tried`);
  }
  console.log(`order ${payment.orderId}: ${payment.amount} EUR booked`);
}
