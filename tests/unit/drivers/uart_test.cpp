// tests/unit/drivers/uart_test.cpp: the serial driver's heart on a model of the device.
#include <gtest/gtest.h>

#include <deque>
#include <memory>
#include <string>

#include <char/ns16550/uart.h>

namespace {

// An NS16550A whose other end is two strings.
struct Model {
    std::string incoming;  // What the line will bring; the device takes it while its FIFO has room.
    std::string sent;
    std::deque<char> fifo;
    unsigned transmit_room = 16;
    uint8_t interrupt_enable = 0, line_control = 0, scratch = 0, divisor_low = 0, divisor_high = 0;

    void refill()
    {
        while (!incoming.empty() && fifo.size() < 16) {
            fifo.push_back(incoming.front());
            incoming.erase(0, 1);
        }
    }
};

class ModelRegisters {
public:
    explicit ModelRegisters(std::shared_ptr<Model> model) : model_{std::move(model)} {}

    uint8_t read8(uint16_t offset) const
    {
        model_->refill();
        switch (offset) {
        case 0: {
            if (model_->fifo.empty())
                return 0;
            const char byte = model_->fifo.front();
            model_->fifo.pop_front();
            return static_cast<uint8_t>(byte);
        }
        case 2:
            if ((model_->interrupt_enable & 1) != 0 && !model_->fifo.empty())
                return 0x04;
            return (model_->interrupt_enable & 2) != 0 && model_->transmit_room == 16 ? 0x02 : 0x01;
        case 5:
            return static_cast<uint8_t>((model_->fifo.empty() ? 0 : 0x01) |
                                        (model_->transmit_room == 16 ? 0x60 : 0));
        case 7:
            return model_->scratch;
        default:
            return 0;
        }
    }
    void write8(uint16_t offset, uint8_t value) const
    {
        const bool divisor = (model_->line_control & 0x80) != 0;
        if (offset == 0 && divisor)
            model_->divisor_low = value;
        else if (offset == 1 && divisor)
            model_->divisor_high = value;
        else if (offset == 0) {
            ASSERT_GT(model_->transmit_room, 0u) << "more than the device can take";
            --model_->transmit_room;
            model_->sent.push_back(static_cast<char>(value));
        } else if (offset == 1)
            model_->interrupt_enable = value;
        else if (offset == 3)
            model_->line_control = value;
        else if (offset == 7)
            model_->scratch = value;
    }

private:
    std::shared_ptr<Model> model_;
};

class UartTest : public ::testing::Test {
protected:
    void SetUp() override
    {
        ASSERT_TRUE(uart.probe());
        uart.start();
    }
    std::string read(size_t amount)
    {
        std::string text(amount, '\0');
        text.resize(uart.peek(text));
        uart.take(text.size());
        return text;
    }

    std::shared_ptr<Model> model = std::make_shared<Model>();
    Uart<ModelRegisters> uart{ModelRegisters{model}};
};

TEST_F(UartTest, WhatComesInCanBeRead)
{
    model->incoming = "hello, and more than sixteen bytes";
    uart.service();
    EXPECT_EQ(read(5), "hello");
    EXPECT_EQ(read(1000), ", and more than sixteen bytes");
}

TEST_F(UartTest, WithoutRoomBytesStayInTheDeviceAndNoneIsLost)
{
    std::string all;
    for (int i = 0; i < 20000; ++i)
        all.push_back(static_cast<char>('a' + i % 26));
    model->incoming = all;
    uart.service();
    EXPECT_EQ(model->interrupt_enable & 1, 0) << "U1";

    std::string got;
    while (got.size() < all.size()) {
        const std::string part = read(1000);
        ASSERT_FALSE(part.empty());
        got += part;
        uart.service();
    }
    EXPECT_EQ(got, all);
    EXPECT_EQ(model->interrupt_enable & 1, 1) << "U1";
}

TEST_F(UartTest, OutputGoesAsTheDeviceTakesIt)
{
    const std::string text = "0123456789abcdefGHIJ";
    EXPECT_EQ(uart.write(text), text.size());
    EXPECT_EQ(model->sent, "0123456789abcdef");
    EXPECT_EQ(model->interrupt_enable & 2, 2) << "U2";
    EXPECT_FALSE(uart.has_sent_everything());

    model->transmit_room = 16;
    uart.service();
    EXPECT_EQ(model->sent, text);
    EXPECT_EQ(model->interrupt_enable & 2, 0) << "U2";
    model->transmit_room = 16;
    EXPECT_TRUE(uart.has_sent_everything());
}

TEST_F(UartTest, LineSettingsBecomeADivisor)
{
    EXPECT_TRUE(uart.set_line({9600, 7, 2, 2}));
    EXPECT_EQ(model->divisor_low, 12);
    EXPECT_EQ(model->line_control, 0x02 | 0x04 | 0x18);
    EXPECT_FALSE(uart.set_line({0, 8, 0, 1}));
    EXPECT_FALSE(uart.set_line({230400, 8, 0, 1}));
    EXPECT_FALSE(uart.set_line({9600, 9, 0, 1}));
}

}  // namespace
