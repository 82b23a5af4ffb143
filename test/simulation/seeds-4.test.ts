import { describeSeeds } from './seeds.ts';

describeSeeds(376, 125);
