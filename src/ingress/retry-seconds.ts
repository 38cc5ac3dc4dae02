/** How soon a sender of a channel may try again: parts are mostly back within seconds, a paused channel is not. */
export const RETRY_SECONDS = 5;
export const PAUSED_RETRY_SECONDS = 60;
