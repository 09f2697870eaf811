export const handler = () => new Promise((resolve) => setTimeout(() => resolve({ late: true }), 1500));
