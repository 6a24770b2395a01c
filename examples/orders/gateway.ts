import { createGateway } from 'hewn/gateway';

export default createGateway();
