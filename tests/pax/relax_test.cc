// The expected sets come from a search: of all 32 sets, the one that the definition in words accepts.
#include "pax/relax.h"

#include <gtest/gtest.h>

#include <string_view>
#include <vector>

namespace revdep::pax {
namespace {

Effective effective(std::string_view columns) {
  Effective result;
  for (std::size_t i = 0; i < 5; ++i) result.set(letters[i], columns[i] == "PEMRS"[i]);
  return result;
}

// "pE": in a marking's letters.
Relaxations asking(std::string_view text) { return asked_by(parse_letters(text).value()); }

std::vector<Effective> all_sets() {
  std::vector<Effective> result(32);
  for (std::size_t bits = 0; bits < 32; ++bits) {
    for (std::size_t i = 0; i < 5; ++i) result[bits].set(letters[i], (bits >> i & 1U) != 0);
  }
  return result;
}

std::vector<Relaxations> all_requests() {
  std::vector<Relaxations> result(32);
  for (std::size_t bits = 0; bits < 32; ++bits) {
    for (std::size_t i = 0; i < 5; ++i) {
      if ((bits >> i & 1U) != 0) result[bits].ask(letters[i]);
    }
  }
  return result;
}

std::string describe(Effective before, Relaxations asked) {
  return format_effective(before) + " asked " + format_letters(as_marking(asked));
}

bool is_refused(Effective set) {
  const bool stands = set.on(Letter::P) || set.on(Letter::S);
  return !stands && (set.on(Letter::M) || set.on(Letter::E));
}

// Whether `after` is what the definition says of `before` and `asked`.
bool accepts(Effective before, Relaxations asked, Effective after) {
  const bool remains = after.on(Letter::P) || after.on(Letter::S);
  const auto kept = [&](Letter letter) { return before.on(letter) && !asked.asks(letter); };
  return after.on(Letter::P) == kept(Letter::P) && after.on(Letter::S) == kept(Letter::S) &&
         after.on(Letter::R) == kept(Letter::R) && after.on(Letter::M) == (kept(Letter::M) && remains) &&
         after.on(Letter::E) == ((before.on(Letter::E) || asked.asks(Letter::E)) && remains);
}

// Whether `after` protects in no way that `before` does not. EMUTRAMP is of no use where every page may be executed.
bool is_as_lax(Effective after, Effective before) {
  for (const Letter letter : {Letter::P, Letter::M, Letter::R, Letter::S}) {
    if (after.on(letter) && !before.on(letter)) return false;
  }
  return !before.on(Letter::E) || after.on(Letter::E) || (!after.on(Letter::P) && !after.on(Letter::S));
}

Relaxations both(Relaxations one, Relaxations other) {
  one.add(other);
  return one;
}

TEST(Relaxations, AskedByAMarkingAreItsRelaxingLetters) {
  EXPECT_TRUE(asked_by({}).empty());
  EXPECT_TRUE(asking("PeMRS").empty());
  for (const Letter letter : letters) {
    Marking marking;
    marking.set(letter, letter == Letter::E ? Setting::on : Setting::off);
    for (const Letter other : letters) EXPECT_EQ(asked_by(marking).asks(other), other == letter);
  }
  const Relaxations mixed = asking("Pemr");
  EXPECT_FALSE(mixed.asks(Letter::P));
  EXPECT_FALSE(mixed.asks(Letter::E));
  EXPECT_TRUE(mixed.asks(Letter::M));
  EXPECT_TRUE(mixed.asks(Letter::R));
  EXPECT_FALSE(mixed.asks(Letter::S));
}

TEST(Relaxations, AreSpelledAsAMarkingWouldSpellThem) {
  EXPECT_EQ(format_letters(as_marking({})), "");
  EXPECT_EQ(format_letters(as_marking(asking("emP"))), "m");
  EXPECT_EQ(format_letters(as_marking(asking("srmEp"))), "pEmrs");
}

TEST(Relaxations, ComeBackFromTheMarkingThatSpellsThem) {
  for (const Relaxations asked : all_requests()) EXPECT_EQ(asked_by(as_marking(asked)), asked);
}

TEST(Relax, RowsByHand) {
  struct Row {
    const char* before;
    const char* asked;
    const char* after;
  };
  const Row rows[] = {
      {"PeMRs", "", "PeMRs"},    {"PeMRs", "m", "PemRs"},  {"PeMRs", "r", "PeMrs"},     {"PeMRs", "E", "PEMRs"},
      {"PEMRs", "m", "PEmRs"},   {"PeMRs", "Em", "PEmRs"}, {"PeMRs", "p", "pemRs"},     {"PEMRs", "p", "pemRs"},
      {"PeMRs", "pE", "pemRs"},  {"PeMRs", "s", "PeMRs"},  {"PeMRs", "pEmrs", "pemrs"}, {"PeMRS", "p", "peMRS"},
      {"PEMRS", "p", "pEMRS"},   {"PeMRS", "pE", "pEMRS"}, {"PeMRS", "s", "PeMRs"},     {"PeMRS", "ps", "pemRs"},
      {"PeMRS", "psE", "pemRs"}, {"pemrs", "E", "pemrs"},  {"pemrs", "pEmrs", "pemrs"}, {"peMrS", "Es", "pemrs"},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(format_effective(relax(effective(row.before), asking(row.asked))), row.after)
        << row.before << " asked " << row.asked;
  }
}

TEST(Relax, IsTheOneSetThatTheDefinitionAcceptsForEverySetAndRequest) {
  int compared = 0;
  for (const Effective before : all_sets()) {
    for (const Relaxations asked : all_requests()) {
      std::vector<Effective> accepted;
      for (const Effective candidate : all_sets()) {
        if (accepts(before, asked, candidate)) accepted.push_back(candidate);
      }
      ASSERT_EQ(accepted.size(), 1U) << describe(before, asked);
      EXPECT_EQ(format_effective(relax(before, asked)), format_effective(accepted[0])) << describe(before, asked);
      ++compared;
    }
  }
  EXPECT_EQ(compared, 32 * 32);
}

TEST(Relax, IsIdempotent) {
  for (const Effective before : all_sets()) {
    for (const Relaxations asked : all_requests()) {
      const Effective once = relax(before, asked);
      EXPECT_EQ(relax(once, asked), once) << describe(before, asked);
    }
  }
}

TEST(Relax, OneRequestAfterAnotherIsBothAtOnce) {
  for (const Effective before : all_sets()) {
    for (const Relaxations first : all_requests()) {
      for (const Relaxations second : all_requests()) {
        EXPECT_EQ(relax(relax(before, first), second), relax(before, both(first, second)))
            << describe(before, first) << " then " << format_letters(as_marking(second));
      }
    }
  }
}

TEST(Relax, NeverTightensAndAsksForMoreNeverTighten) {
  for (const Effective before : all_sets()) {
    for (const Relaxations asked : all_requests()) {
      EXPECT_TRUE(is_as_lax(relax(before, asked), before)) << describe(before, asked);
      for (const Relaxations more : all_requests()) {
        EXPECT_TRUE(is_as_lax(relax(before, both(asked, more)), relax(before, asked)))
            << describe(before, asked) << " and " << format_letters(as_marking(more));
      }
    }
  }
}

TEST(Relax, SwitchesEmutrampOnOnlyWhenAsked) {
  for (const Effective before : all_sets()) {
    for (const Relaxations asked : all_requests()) {
      if (before.on(Letter::E) || asked.asks(Letter::E)) continue;
      EXPECT_FALSE(relax(before, asked).on(Letter::E)) << describe(before, asked);
    }
  }
}

TEST(Relax, NothingAskedChangesNothingThatTheKernelRuns) {
  for (const Effective before : all_sets()) {
    if (is_refused(before)) continue;
    EXPECT_EQ(relax(before, {}), before) << format_effective(before);
  }
}

TEST(Relax, NeverComesToASetThatTheKernelRefuses) {
  for (const Effective before : all_sets()) {
    for (const Relaxations asked : all_requests()) {
      EXPECT_FALSE(is_refused(relax(before, asked))) << describe(before, asked);
    }
  }
}

}  // namespace
}  // namespace revdep::pax
