// tests/unit/mig/round_trip.h
//
// One call through a user's stub, the played kernel, the server's stub and a routine, and back, with values of which both ends
// know what they must be.  round_trip.py prints, from what mig says of an interface, the routines and the calls.
#pragma once

#include <mach/message.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <random>
#include <span>
#include <utility>
#include <vector>

#include <mig/description.h>

namespace mig::round_trip {

using description::polymorphic;
using description::Role;

enum class Kind { Scalar, Struct, Array, VaryingArray, String, Port, Memory, Ports, Rights };
enum class Direction { In, Out, Inout };

// An argument, as the interface has it.
struct Item {
    const char* name;
    Role role;
    Kind kind;
    Direction direction;
    uint32_t size, element_size;
    uint32_t limit;  // Elements; 0 for none.
    int counter;     // The argument that has its count, itself perhaps; -1 if there is no count.
    bool count_in_out, overwrite, automatic;
    bool user_side;  // The caller has it as a parameter.
    uint32_t sent, received;

    bool in() const { return direction != Direction::Out; }
    bool out() const { return direction != Direction::In; }
    bool is_out_of_line() const { return kind == Kind::Memory || kind == Kind::Ports; }
};

// Memory without a byte to spare, so that a sanitizer sees every step outside.
class Room {
public:
    Room() = default;
    explicit Room(size_t size) : bytes_{std::make_unique<std::byte[]>(size)}, size_{size} {}

    std::byte* data() const { return bytes_.get(); }
    size_t size() const { return size_; }

private:
    std::unique_ptr<std::byte[]> bytes_;
    size_t size_ = 0;
};

// What an argument is in one call.
struct Value {
    const Item* item = nullptr;
    Room sent, answer;  // What the user gives, and what the routine does.
    uint32_t sent_count = 0, answer_count = 0;
    uint32_t sent_disposition = 0, answer_disposition = 0;
    bool has_arrived = false;

    // What the stub is given.
    struct {
        Room room;
        mach_msg_type_number_t count = 0;
        mach_msg_type_name_t disposition = 0;
        boolean_t dealloc = 0;
    } user;

    template <class T>
    T value() const
    {
        T result{};
        const std::byte* address = sent.data();
        if (item->is_out_of_line())
            std::memcpy(&result, &address, sizeof result);
        else
            std::memcpy(&result, address, sizeof result < sent.size() ? sizeof result : sent.size());
        return result;
    }
    template <class T>
    T room() const
    {
        return reinterpret_cast<T>(user.room.data());
    }
};

class Call;

struct Routine {
    const char* name;
    kern_return_t (*call)(Call&);
    bool simple;
    bool can_fail;  // The routine returns a code that travels.
    std::span<const Item> items;
};

struct Interface {
    const char* name;
    boolean_t (*serve)(mach_msg_header_t* request, mach_msg_header_t* reply);
    mach_msg_size_t largest_reply;
    std::span<const Routine> routines;
};

inline constexpr size_t no_item = ~size_t{0};

// What is not left to chance in a call.
struct Plan {
    size_t item = no_item;      // Whose counts these are:
    int64_t sent_count = -1;    // of the user,
    int64_t answer_count = -1;  // of the routine,
    int64_t room = -1;          // and what the user has room for.
    kern_return_t code = KERN_SUCCESS;
};

class Call {
public:
    Call(const Interface& interface, const Routine& routine, std::mt19937_64& random, const Plan& plan);
    ~Call() { current_ = nullptr; }
    Call(const Call&) = delete;
    Call& operator=(const Call&) = delete;

    // Calls, and expects of the result `code`, and of everything that comes out that it is what was put in.
    void run(kern_return_t code);

    // What the error function has been told; 0 if nothing.
    kern_return_t take_error() { return std::exchange(error_, KERN_SUCCESS); }
    void tell_error(kern_return_t error) { error_ = error; }

    static Call& current() { return *current_; }
    Value& item(size_t at) { return values_[at]; }
    bool has_been_served() const { return is_served_; }

    // ---- For the routine: each compares what has arrived, and answers if that is the argument's direction.
    void serve_count(size_t at, mach_msg_type_number_t* count);
    void serve_disposition(size_t at, mach_msg_type_name_t* disposition);
    void serve_dealloc(size_t at, boolean_t* dealloc);
    void serve_data(size_t at, const void* data);
    kern_return_t finish();

private:
    uint64_t below(uint64_t limit) { return limit == 0 ? 0 : random_() % limit; }
    uint32_t choose_count(const Item& item);
    Room random_bytes(size_t size);
    Room random_string(const Item& item, int64_t length);
    uint32_t choose_disposition(const Item& item);
    void choose(size_t at, const Plan& plan);
    void choose_counts(size_t at, const Plan& plan);
    void choose_room(Value& value, const Plan& plan, bool is_planned);
    void choose_trailer();
    void compare(Value& value, const void* data);
    void answer(Value& value, void* data);
    void check_out_of_line(const Value& value);
    void check(const Value& value);
    size_t bytes_of(const Item& item, uint32_t count) const;

    static Call* current_;
    const Interface& interface_;
    const Routine& routine_;
    std::mt19937_64& random_;
    const kern_return_t code_;
    bool is_served_ = false;
    kern_return_t error_ = KERN_SUCCESS;
    std::vector<Value> values_;
};

}  // namespace mig::round_trip
