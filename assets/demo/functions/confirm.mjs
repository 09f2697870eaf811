// Takes the payment for an order. Invoke it as an event: whoever placed the order does not wait for the bank.

class PaymentDeclined extends Error {
  constructor(message) {
    super(message);
    this.name = "PaymentDeclined"; // Lambda reports the name as errorType.
  }
}

export const handler = async (event, context) => {
  console.log(`order ${event.orderId}: asking the bank for ${event.amount} EUR`);
  await theBank();

  if (typeof event.amount !== "number") {
    throw new TypeError(`order ${event.orderId} has no amount`);
  }
  if (hasExpired(event.card.expires)) {
    // Everything thrown here is a function error: Lambda tries again after 1 minute, then after 2 more.
    // Want to see a retry succeed? Replace this line by a console.log, save, and press Step.
    throw new PaymentDeclined(`card ending in ${event.card.lastFour} expired ${event.card.expires}`);
  }

  return {
    orderId: event.orderId,
    customer: event.customer,
    status: "confirmed",
    paid: event.amount,
    shop: process.env.SHOP,
    requestId: context.awsRequestId, // the same in every attempt
  };
};

// Banks take their time: long enough for a bar that can be seen.
function theBank() {
  return new Promise((resolve) => setTimeout(resolve, 240));
}

// "2031-08" is good until the end of August 2031.
function hasExpired(yearAndMonth) {
  const [year, month] = yearAndMonth.split("-").map(Number);
  return Date.now() >= Date.UTC(year, month, 1);
}
