// Written anew by `secretguard install claude-code --with-mod`: the program that this mod asks. As it is shipped it
// names none, and then nothing is let pass.
export const LAUNCHER = "";
