import { makeNative } from './native.ts';
import { serve } from './worker.ts';

export default serve(makeNative);
