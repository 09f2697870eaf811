// A small HTTP service. The event is the request that a function URL passes on (payload format 2.0); the object
// that is returned becomes the response: statusCode, headers, body.

const PRODUCTS = [
  { id: "tea", name: "Assam, 100 g", price: 6.5 },
  { id: "pot", name: "Teapot, 1 l", price: 39 },
];

export const handler = async (event) => {
  const { method } = event.requestContext.http;
  const route = `${method} ${event.rawPath}`;
  console.log(route);

  if (route === "GET /products") {
    return json(200, PRODUCTS);
  }
  if (route === "POST /orders") {
    const order = JSON.parse(bodyOf(event));
    const product = PRODUCTS.find(({ id }) => id === order.product);
    return product ? json(201, { orderId: 1042, product, status: "placed" }) : json(400, { message: `no product ${order.product}` });
  }
  return json(404, { message: `nothing at ${event.rawPath}` });
};

// Binary bodies, and those of forms, arrive in base64.
function bodyOf(event) {
  return event.isBase64Encoded ? Buffer.from(event.body, "base64").toString() : event.body;
}

function json(statusCode, body) {
  return { statusCode, headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
}
