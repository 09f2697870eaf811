const SHAPES = {
  text: "hello",
  list: ["hello", 3, true],
  object: { price: 129.0, name: "lamp" },
  teapot: { statusCode: "418", body: "short and stout", cookies: ["a=1", "b=2; Path=/"] },
  binary: { statusCode: 200, headers: { "content-type": "image/png" }, body: "iVBORw0KGgo=", isBase64Encoded: true },
  split: { statusCode: 200, headers: { "x-a": "1\r\nset-cookie: evil=1" }, body: "" },
  named: { statusCode: 200, headers: { "x-lower": "1", "X-mIXED-Name": "2", "CONTENT-type": "text/plain" }, body: "HTTP/1.1 200 OK" },
  interim: { statusCode: 103, body: "" },
  malformed: { statusCode: "abc", body: "never seen" },
};

export const handler = async (event) => {
  const shape = event.queryStringParameters?.shape ?? "object";
  if (shape === "throw") throw new Error("no answer");
  return SHAPES[shape];
};
