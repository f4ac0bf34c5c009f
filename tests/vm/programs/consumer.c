/* Loads the library; with an argument it stays, so that its file is busy. */
#include <unistd.h>

int vmask(void);

int main(int argc, char** argv) {
  (void)argv;
  if (argc > 1) pause();
  return vmask();
}
