// SHA-256 (FIPS 180-4) of bytes that arrive in pieces. Reads nothing itself; not hardened against timing, as nothing
// hashed here is secret.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace revdep::base {

class Sha256 {
 public:
  void update(std::span<const std::byte> bytes);
  /// The digest of all that came so far as 64 lower-case hex digits. The last call to an object.
  [[nodiscard]] std::string finish();

 private:
  static constexpr std::size_t block_size = 64;
  void compress(std::span<const std::byte, block_size> block);

  std::array<std::uint32_t, 8> state_{0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                      0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  std::array<std::byte, block_size> pending_{};
  std::size_t pending_size_ = 0;  // always less than block_size between calls
  std::uint64_t total_ = 0;       // bytes
};

}  // namespace revdep::base
