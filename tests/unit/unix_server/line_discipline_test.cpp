// What a terminal does to bytes: unix-server/tty/line_discipline.h.  Flags and numbers are the build machine's
// own; the values that cross ports are pinned by tests/unit/libc/abi_sizes.c.
#include <gtest/gtest.h>

#include <csignal>
#include <string>
#include <termios.h>

#include <tty/line_discipline.h>

namespace {

using namespace portico;

constexpr char ctrl(char letter) { return static_cast<char>(letter & 0x1f); }

class Line : public testing::Test {
protected:
    // What comes back to the screen.
    std::string type(std::string_view text)
    {
        TerminalEffects effects = line.receive(text);
        signals.insert(signals.end(), effects.signals.begin(), effects.signals.end());
        flushed = flushed || effects.flush_output;
        return effects.output;
    }
    std::string read(size_t room = 100)
    {
        std::string text(room, '?');
        text.resize(line.peek(text));
        line.consume(text.size());
        return text;
    }
    void change(uint32_t unix_termios_t::* flags, uint32_t set, uint32_t clear = 0)
    {
        unix_termios_t attributes = line.attributes();
        attributes.*flags = (attributes.*flags & ~clear) | set;
        line.set_attributes(attributes);
    }
    void make_raw() { change(&unix_termios_t::c_lflag, 0, ICANON | ECHO | ISIG | IEXTEN); }

    LineDiscipline line;
    std::vector<int> signals;
    bool flushed = false;
};

TEST_F(Line, NothingCanBeReadUntilTheLineIsComplete)
{
    EXPECT_EQ(type("ab"), "ab");
    EXPECT_FALSE(line.has_line());
    EXPECT_EQ(line.readable(), 0u);
    EXPECT_EQ(type("c\r"), "c\r\n") << "ICRNL on the way in, ONLCR on the way out";
    EXPECT_TRUE(line.has_line());
    EXPECT_EQ(read(), "abc\n");
    EXPECT_FALSE(line.has_line());
}

TEST_F(Line, AReadTakesOneLineAndASmallReadAPartOfIt)
{
    type("first\nsecond\n");
    EXPECT_EQ(read(3), "fir");
    EXPECT_EQ(read(), "st\n");
    EXPECT_EQ(read(), "second\n");
}

TEST_F(Line, EndOfFileCompletesALineAndOnAnEmptyOneReadsAsNothing)
{
    type(std::string{"ab"} + ctrl('D'));
    EXPECT_EQ(read(), "ab");
    EXPECT_FALSE(line.has_line()) << "it is used up by the line that it has completed";
    type(std::string(1, ctrl('D')));
    EXPECT_TRUE(line.has_line());
    EXPECT_EQ(read(), "");
    EXPECT_FALSE(line.has_line());
}

TEST_F(Line, EndOfFileBehindALineIsReadAfterIt)
{
    type(std::string{"x\n"} + ctrl('D') + "y\n");
    EXPECT_EQ(read(), "x\n");
    EXPECT_EQ(read(), "");
    EXPECT_EQ(read(), "y\n");
}

TEST_F(Line, EraseTakesACharacterFromLineAndScreenAndStopsAtItsBeginning)
{
    EXPECT_EQ(type("ab\x7f\x7f\x7f"), "ab\b \b\b \b");
    type("c\n");
    EXPECT_EQ(read(), "c\n");
}

TEST_F(Line, ErasedCharactersTakeTheColumnsThatTheyHad)
{
    type("a\t");
    EXPECT_EQ(type("\x7f"), "\b \b\b \b\b \b\b \b\b \b\b \b\b \b") << "a tab from column 1 to column 8";
    type(std::string{ctrl('V')} + ctrl('A'));
    EXPECT_EQ(type("\x7f"), "\b \b\b \b") << "^A";
}

TEST_F(Line, WithUtf8ACharacterOfSeveralBytesIsErasedWhole)
{
    change(&unix_termios_t::c_iflag, IUTF8);
    type("z\xc3\xa4");
    EXPECT_EQ(type("\x7f"), "\b \b");
    type("\n");
    EXPECT_EQ(read(), "z\n");
}

TEST_F(Line, KillTakesTheLineAndWordEraseTheLastWordWithTheBlanksBehindIt)
{
    type(std::string{"one two  "} + ctrl('W'));
    type("2\n");
    EXPECT_EQ(read(), "one 2\n");
    type(std::string{"gone"} + ctrl('U') + "kept\n");
    EXPECT_EQ(read(), "kept\n");
}

TEST_F(Line, LiteralNextTakesAwayTheMeaningOfAControlCharacter)
{
    type(std::string{ctrl('V')} + ctrl('C') + ctrl('V') + "\x7f\n");
    EXPECT_TRUE(signals.empty());
    EXPECT_EQ(read(), std::string{ctrl('C')} + "\x7f\n");
}

TEST_F(Line, InterruptSignalsAndDropsWhatWasTyped)
{
    type("lost\nlost, too");
    EXPECT_EQ(type(std::string(1, ctrl('C'))), "^C");
    EXPECT_EQ(signals, std::vector{SIGINT});
    EXPECT_TRUE(flushed);
    EXPECT_FALSE(line.has_line());
    type("kept\n");
    EXPECT_EQ(read(), "kept\n");
}

TEST_F(Line, WithNoFlushAnInterruptLeavesTheInput)
{
    change(&unix_termios_t::c_lflag, NOFLSH);
    type(std::string{"a\n"} + ctrl('Z') + ctrl('\\'));
    EXPECT_EQ(signals, (std::vector{SIGTSTP, SIGQUIT}));
    EXPECT_EQ(read(), "a\n");
}

TEST_F(Line, StopHoldsTheOutputAndStartLetsItGo)
{
    type(std::string(1, ctrl('S')));
    EXPECT_TRUE(line.output_stopped());
    type("x");
    EXPECT_TRUE(line.output_stopped()) << "any other character does so only with IXANY";
    type(std::string(1, ctrl('Q')));
    EXPECT_FALSE(line.output_stopped());
    type("\n");
    EXPECT_EQ(read(), "x\n") << "neither is input";
}

TEST_F(Line, InRawModeEachByteIsThereAtOnceAndMeansNothing)
{
    make_raw();
    const std::string all = std::string{ctrl('C')} + ctrl('D') + "\x7f\n";
    EXPECT_EQ(type(all), "");
    EXPECT_EQ(line.readable(), 4u);
    EXPECT_EQ(read(2), all.substr(0, 2));
    EXPECT_EQ(read(), all.substr(2));
}

TEST_F(Line, LeavingCanonicalModeMakesWhatWasTypedReadable)
{
    type("done\nhalf");
    make_raw();
    EXPECT_EQ(read(), "done\nhalf");
}

TEST_F(Line, EnteringCanonicalModeMakesLinesOfWhatIsThere)
{
    make_raw();
    type("a\nb\nc");
    change(&unix_termios_t::c_lflag, ICANON);
    EXPECT_EQ(read(), "a\n");
    EXPECT_EQ(read(), "b\n");
    EXPECT_FALSE(line.has_line());
    type("d\n");
    EXPECT_EQ(read(), "cd\n");
}

TEST_F(Line, AFullLineTakesNoMoreButItsEnd)
{
    type(std::string(LineDiscipline::input_limit + 100, 'x'));
    EXPECT_FALSE(line.has_line());
    type("\n");
    ASSERT_TRUE(line.has_line());
    EXPECT_EQ(read(2 * LineDiscipline::input_limit),
              std::string(LineDiscipline::input_limit - 1, 'x') + "\n");
}

TEST_F(Line, ABreakInterruptsOrIsANulOrNothing)
{
    EXPECT_EQ(line.receive_break().signals, std::vector{SIGINT});
    change(&unix_termios_t::c_iflag, 0, BRKINT);
    EXPECT_TRUE(line.receive_break().signals.empty());
    type("\n");
    EXPECT_EQ(read(), std::string("\0\n", 2));
    change(&unix_termios_t::c_iflag, IGNBRK);
    line.receive_break();
    type("\n");
    EXPECT_EQ(read(), "\n");
}

TEST_F(Line, OutputIsProcessedAsAskedFor)
{
    EXPECT_EQ(line.process_output(std::string_view{"a\nb"}), "a\r\nb");
    change(&unix_termios_t::c_oflag, 0, OPOST);
    EXPECT_EQ(line.process_output(std::string_view{"a\nb"}), "a\nb");
}

TEST_F(Line, AnySplitOfTheInputGivesTheSame)
{
    const std::string text = std::string{"ab\x7f"
                                         "c\n"} +
                             ctrl('V') + ctrl('U') + "d e" + ctrl('W') + "f\r" + ctrl('D');
    LineDiscipline whole;
    const std::string echoed = whole.receive(text).output;
    std::string piecewise;
    for (const char byte : text)
        piecewise += type({&byte, 1});
    EXPECT_EQ(piecewise, echoed);
    while (line.has_line()) {
        ASSERT_TRUE(whole.has_line());
        std::string expected(100, '?');
        expected.resize(whole.peek(expected));
        whole.consume(expected.size());
        EXPECT_EQ(read(), expected);
    }
    EXPECT_FALSE(whole.has_line());
}

}  // namespace
