// Writes a sentence to the customer. Invoke it synchronously: the answer is the response.

export const handler = async (event) => {
  // As the on-success destination of another function it gets a record; the order is the response in it.
  const order = event.responsePayload ?? event;
  if (!order.customer) {
    throw new Error("nobody to write to: the event has no customer");
  }
  const message = `Good news, ${order.customer}: order ${order.orderId} is on its way.`;
  console.log(message);
  return { to: order.customer, message };
};
