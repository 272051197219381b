# The flags of user code for the recipes of third-party parts: the same as cmake/PorticoUser.cmake has.
abi_flags="--target=x86_64-unknown-portico-elf -D__portico__ -D__unix__ -fPIE -mno-red-zone -fomit-frame-pointer -nostdlibinc"
code_flags="$abi_flags -O2 -ffunction-sections -fdata-sections"
