const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

export const handler = awslambda.streamifyResponse(async (event, stream) => {
  const shape = event.queryStringParameters?.shape;
  if (shape === "plain") stream.setContentType("text/plain");
  else stream = awslambda.HttpResponseStream.from(stream, { statusCode: 201, headers: { "x-order": "1042" }, cookies: ["a=1"] });
  stream.write("first\n");
  await pause(1200);
  if (shape === "throw") throw new Error("in the middle");
  stream.write("second\n");
  stream.end();
});
