export const handler = async ({ a, b }) => {
  if (typeof a !== "number") throw new TypeError("a is no number");
  console.log("adding", a, b);
  return { sum: a + b };
};
