/** What the API and the page say to each other. */
export interface Task {
  readonly id: string;
  readonly text: string;
  readonly done: boolean;
}
