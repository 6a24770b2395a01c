import { createGateway } from 'hewn/gateway';
import catalogue from './catalogue/tools.toml';

export default createGateway({ catalogue });
