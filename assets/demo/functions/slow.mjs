// Takes as many seconds as the event says. Its timeout is 2 seconds: ask for more and Lambda ends the environment.

export const handler = async (event, context) => {
  const seconds = Number(event.seconds ?? 1);
  console.log(`working for ${seconds} s, ${context.getRemainingTimeInMillis()} ms are left`);
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
  return { worked: seconds, left: context.getRemainingTimeInMillis() };
};
