import { describeSeeds } from './seeds.ts';

describeSeeds(126, 125);
