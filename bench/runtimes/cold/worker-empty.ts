export default { fetch: () => new Response('done') };
