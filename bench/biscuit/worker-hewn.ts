import { makeHewn } from './hewn.ts';
import { serve } from './worker.ts';

export default serve(makeHewn);
