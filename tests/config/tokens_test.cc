#include "config/tokens.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace revdep::config {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

Token word(std::string_view text) { return {Token::Kind::word, std::string(text)}; }
const Token arrow{Token::Kind::arrow, "->"};

std::vector<Token> tokens(std::string_view line) {
  TokenLine split = parse_tokens(line);
  EXPECT_EQ(split.fault, "");
  return std::move(split.tokens);
}

std::string fault(std::string_view line) {
  TokenLine split = parse_tokens(line);
  EXPECT_THAT(split.tokens, IsEmpty());
  return std::move(split.fault);
}

TEST(Tokens, AreSeparatedByBlanks) {
  EXPECT_THAT(tokens(" \tload\t /a  -> /b \r"), ElementsAre(word("load"), word("/a"), arrow, word("/b")));
  EXPECT_THAT(tokens(""), IsEmpty());
  EXPECT_THAT(tokens(" \t\r"), IsEmpty());
}

TEST(Tokens, ACommentReachesToTheEndOfTheLine) {
  EXPECT_THAT(tokens("# load /a -> \"/b"), IsEmpty());
  EXPECT_THAT(tokens("load #/a"), ElementsAre(word("load")));
  EXPECT_THAT(tokens("\"#\" # \""), ElementsAre(word("#")));
}

TEST(Tokens, AHashWithinAWordIsAskedAbout) {
  EXPECT_EQ(fault("load /a#b"), "a '#' within '/a#b': put a blank before a comment, or the name in double quotes");
  EXPECT_THAT(tokens("\"/a#b\""), ElementsAre(word("/a#b")));
}

TEST(Tokens, QuotesKeepBlanksAndTheirEscapesStandForQuoteAndBackslash) {
  EXPECT_THAT(tokens(R"("/My Programs/a" "")"), ElementsAre(word("/My Programs/a"), word("")));
  EXPECT_THAT(tokens(R"("a\"b\\" c)"), ElementsAre(word("a\"b\\"), word("c")));
}

TEST(Tokens, OutsideQuotesABackslashIsALetter) {
  EXPECT_THAT(tokens(R"(/a\*b\ /c)"), ElementsAre(word(R"(/a\*b\)"), word("/c")));
}

TEST(Tokens, TheArrowStandsAloneAndUnquoted) {
  EXPECT_THAT(tokens("/a->/b \"->\" ->x ->"), ElementsAre(word("/a->/b"), word("->"), word("->x"), arrow));
}

TEST(Tokens, QuotesThatDoNotMatchAreNamed) {
  EXPECT_EQ(fault("\"/a b"), "the closing quote is missing");
  EXPECT_EQ(fault("\"/a b\\"), "the closing quote is missing");
  EXPECT_EQ(fault("\"/a b\\\""), "the closing quote is missing");
  EXPECT_EQ(fault("/a \"b\"c"), "a blank is missing after the quoted name \"b\"");
  EXPECT_EQ(fault("\"b\"# c"), "a blank is missing after the quoted name \"b\"");
  EXPECT_EQ(fault("/a\"b c\""), "a quote within '/a\"b': put the whole name in double quotes");
  EXPECT_EQ(fault(R"("a\*")"), R"(in double quotes a backslash is written \\ and a quote \")");
}

TEST(Tokens, AWordIsWrittenInQuotesOnlyWhereItNeedsThem) {
  EXPECT_EQ(format_word("/usr/bin/x"), "/usr/bin/x");
  EXPECT_EQ(format_word(R"(/usr/bin/\[)"), R"(/usr/bin/\[)");
  EXPECT_EQ(format_word("/My Programs/a"), "\"/My Programs/a\"");
  EXPECT_EQ(format_word(""), "\"\"");
  EXPECT_EQ(format_word("->"), "\"->\"");
}

TEST(Tokens, AWordThatIsWrittenIsReadAsTheSame) {
  for (const std::string text :
       {"/a", "", "->", "/a b", "/a\tb", "/a\r", "/a#b", "#", "/a\"b", "\"", R"(/a\b)", R"(/a \b\)", "/a\x01\xff"}) {
    EXPECT_THAT(tokens("x " + format_word(text) + " y"), ElementsAre(word("x"), word(text), word("y"))) << text;
  }
}

TEST(Tokens, NoLineHoldsANulByte) { EXPECT_EQ(fault(std::string_view("a\0b", 3)), "it holds a NUL byte"); }

}  // namespace
}  // namespace revdep::config
