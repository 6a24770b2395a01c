import { protect } from 'hewn/verifier/node';
import { createApp } from './app.ts';

const {
  HEWN_ISSUER = '',
  HEWN_AUDIENCE = '',
  HEWN_FEED_PUBLIC_KEY = '',
  PORT = '3000',
} = process.env;
const hewn = protect({
  issuer: HEWN_ISSUER,
  audience: HEWN_AUDIENCE,
  feedKey: HEWN_FEED_PUBLIC_KEY,
});
createApp(hewn).listen(Number(PORT));
