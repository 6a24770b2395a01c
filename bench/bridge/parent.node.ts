/** The parent of an agent, as `hewn run` is: the socket, and a relay to the gateway. */
import { openBridgeSocket, Relay } from '../../src/bridge/index.ts';

const [, , url = ''] = process.argv;
const socket = await openBridgeSocket(
  new Map([
    [
      'notes',
      (onMessage) => new Relay({ server: 'notes', onMessage, route: { url: new URL(url), fetch } }),
    ],
  ]),
);
process.send?.({ path: socket.path });
process.once('disconnect', async () => {
  await socket.close();
  process.exit();
});
