// tests/system/unix/hostile/bystander.h
//
// Somebody else in the same system, who asks now and then whether all is still as it should be: his files, his pipe, his FIFO, his
// terminal, and the services' answers.
//
// Owns        the folder of kept files, and the one in which the attacker may do what it likes.
#pragma once

#include <sys/stat.h>
#include <termios.h>

namespace hostile {

class Bystander {
public:
    Bystander();
    ~Bystander();
    Bystander(const Bystander&) = delete;
    Bystander& operator=(const Bystander&) = delete;

    void check_all_is_well();  // Cheap: after every child.
    void check_shell_works();  // New processes, a pipe, a file.
    static void clear_attackers_folder();

private:
    void check_file(const char* path, const struct stat& before);

    int pipe_[2] = {-1, -1};
    int fifo_ = -1;
    int line_ = -1;  // A terminal that the attacker has no channel to.
    struct stat readable_{}, private_{};
    termios line_attributes_{}, console_attributes_{};
};

}  // namespace hostile
