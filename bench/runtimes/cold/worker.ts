import { decideOnce } from './decide.ts';

export default {
  fetch: async () => {
    await decideOnce();
    return new Response('done');
  },
};
