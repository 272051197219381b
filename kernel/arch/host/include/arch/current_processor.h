// kernel/arch/host/include/arch/current_processor.h
#ifndef PORTICO_ARCH_CURRENT_PROCESSOR_H
#define PORTICO_ARCH_CURRENT_PROCESSOR_H

namespace machine {

namespace host {
extern Processor* simulated;  // The one that is simulated now; the first one while the test itself runs.
}

inline Processor& current_processor() { return *host::simulated; }

}  // namespace machine

#endif
