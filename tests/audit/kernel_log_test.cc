// Kernel logs. The lines with real programs in them are quoted from public bug reports.
#include "audit/kernel_log.h"

#include <gtest/gtest.h>

namespace revdep::audit {
namespace {

using Lines = std::vector<std::string>;
using Kind = LogLine::Kind;

KernelLog::Denials read(std::string_view text) {
  KernelLog log("/var/log/messages");
  log.add(text);
  return log.finish();
}

// "/usr/bin/x: MESSAGE", then the errors.
Lines lines_of(const KernelLog::Denials& denials) {
  Lines lines;
  for (const Finding& finding : denials.findings) {
    EXPECT_EQ(finding.rule, Rule::denied);
    EXPECT_EQ(finding.severity, Severity::error);
    EXPECT_FALSE(finding.cause.empty());
    EXPECT_FALSE(finding.mend);
    lines.push_back(finding.object + ": " + finding.message);
  }
  for (const base::Error& error : denials.errors) lines.push_back(error.to_string());
  return lines;
}

constexpr const char* sway =
    "[ 1076.802509] grsec: denied RWX mmap of <anonymous mapping> by /usr/bin/sway[sway:2863] uid/euid:1000/1000 "
    "gid/egid:1000/1000, parent /usr/bin/bash[bash:2171] uid/euid:1000/1000 gid/egid:1000/1000\n";

TEST(KernelLogLine, AMappingThatWasDenied) {
  const LogLine line = parse_log_line(sway);
  EXPECT_EQ(line.kind, Kind::mmap);
  EXPECT_EQ(line.what, "<anonymous mapping>");
  EXPECT_EQ(line.executable, "/usr/bin/sway");
  EXPECT_EQ(line.pid, 2863U);
}

TEST(KernelLogLine, MprotectAndTheStackThatALibraryAsksFor) {
  const std::string tail = " by /usr/bin/x[x:7] uid/euid:0/0 gid/egid:0/0, parent /sbin/init[init:1] uid/euid:0/0";
  LogLine line = parse_log_line("grsec: denied RWX mprotect of /usr/lib64/libx.so.1" + tail);
  EXPECT_EQ(line.kind, Kind::mprotect);
  EXPECT_EQ(line.what, "/usr/lib64/libx.so.1");
  EXPECT_EQ(line.executable, "/usr/bin/x");
  line = parse_log_line(
      "grsec: denied marking stack executable as requested by PT_GNU_STACK marking in /usr/lib64/libx.so.1" + tail);
  EXPECT_EQ(line.kind, Kind::stack_marking);
  EXPECT_EQ(line.what, "/usr/lib64/libx.so.1");
}

TEST(KernelLogLine, AnAttemptAndTheKill) {
  LogLine line = parse_log_line(
      "PAX: From 10.0.87.1: execution attempt in: <anonymous mapping>, 3c2cfe2a000-3c2cfe40000 3fffffe9000");
  EXPECT_EQ(line.kind, Kind::attempt);
  EXPECT_EQ(line.what, "<anonymous mapping>");
  EXPECT_EQ(line.start, 0x3c2cfe2a000U);
  EXPECT_EQ(line.end, 0x3c2cfe40000U);
  line = parse_log_line(
      "PAX: terminating task: /usr/sbin/grub-probe(grub-probe):30554, uid/euid: 0/0, PC: 000003c2cfe3eca8, SP: "
      "000003c2cfe3ec58");
  EXPECT_EQ(line.kind, Kind::killed);
  EXPECT_EQ(line.executable, "/usr/sbin/grub-probe");
  EXPECT_EQ(line.pid, 30554U);
  EXPECT_EQ(line.pc, 0x3c2cfe3eca8U);
  EXPECT_EQ(line.sp, 0x3c2cfe3ec58U);
}

TEST(KernelLogLine, WhatLoggersPutBeforeIsPassedOver) {
  const std::string message = "grsec: denied RWX mmap of <heap> by /usr/bin/x[x:7] uid/euid:0/0 gid/egid:0/0";
  for (const char* prefix :
       {"", "<1>", "<1>[   12.345678] ", "[   12.345678] ", "[   12.345678][ T1207] ", "[Mon Feb  5 12:00:00 2016] ",
        "Feb 10 23:34:40 app-prod kernel: [  124.188641] ", "Dec 18 23:43:52 zorg.kyriasis.com kernel: ",
        "2016-02-10T23:34:40.123456+01:00 host kernel: ", "[   12.345678] host kernel: ", "kernel: ", "ASL kernel: ",
        "Feb 10 23:34:40 [kernel] [  124.188641] ", "kern  :alert : [   12.345678] "}) {
    EXPECT_EQ(parse_log_line(prefix + message).kind, Kind::mmap) << prefix;
    EXPECT_EQ(parse_log_line(prefix + message + "\r").executable, "/usr/bin/x") << prefix;
  }
}

TEST(KernelLogLine, TheAddressAndTheRoleArePassedOver) {
  const std::string message = "denied RWX mmap of <heap> by /usr/bin/x[x:7] uid/euid:0/0 gid/egid:0/0";
  for (const char* prefix : {"From 10.0.0.1: ", "(default:D:/) ", "From 10.0.0.1: (root:U:/usr/bin/a (b) c) "}) {
    const LogLine line = parse_log_line("grsec: " + (prefix + message));
    EXPECT_EQ(line.kind, Kind::mmap) << prefix;
    EXPECT_EQ(line.executable, "/usr/bin/x") << prefix;
  }
}

TEST(KernelLogLine, WordsOfOtherProgramsAreNotTheKernels) {
  const std::string message = "grsec: denied RWX mmap of <heap> by /usr/bin/x[x:7] uid/euid:0/0 gid/egid:0/0";
  for (const char* prefix : {"Feb 10 23:34:40 host sudo[12]: ", "Feb 10 23:34:40 host logger: kernel: ",
                             "Feb 10 23:34:40 host kernel: audit: ", "Feb 10 23:34:40 host mykernel: ", "see "}) {
    EXPECT_EQ(parse_log_line(prefix + message).kind, Kind::other) << prefix;
  }
  EXPECT_EQ(parse_log_line("grsec: exec of /bin/echo (echo PAX: terminating task: /bin/su(su):1, uid/euid: 0/0 ) by "
                           "/bin/echo[bash:31020] uid/euid:1000/1000 gid/egid:1000/1000")
                .kind,
            Kind::other);
}

TEST(KernelLogLine, OtherLinesOfPaxAndGrsecurityAreOther) {
  for (const char* line :
       {"", "grsec: ", "PAX: ", "PAX: bytes at PC: 41 bb 70 40 40 00 49 ba a0 ec e3 cf c2 03 00 00 49 ff e3 00",
        "PAX: size overflow detected in function f fs/x.c:1", "grsec: more alerts, logging disabled for 10 seconds",
        "grsec: denied resource overstep by requesting 4096 for RLIMIT_CORE against limit 0 for /usr/bin/x[x:7]",
        "usb 1-1: new high-speed USB device"}) {
    EXPECT_EQ(parse_log_line(line).kind, Kind::other) << line;
  }
}

TEST(KernelLogLine, BracketsInNamesAreNotTheLines) {
  struct Row {
    const char* text;
    const char* path;
  };
  for (const Row& row : {Row{"/usr/lib/systemd/systemd((sd-pam))", "/usr/lib/systemd/systemd"},
                         Row{"/opt/Program (x86)/bin/app(app)", "/opt/Program (x86)/bin/app"},
                         Row{"/usr/bin/x(y)(x(y))", "/usr/bin/x(y)"},
                         Row{"/usr/bin/a-very-long-name(a-very-long-na)", "/usr/bin/a-very-long-name"},
                         Row{"/usr/bin/java(pool:1/x)", "/usr/bin/java"}, Row{"/usr/bin/java()", "/usr/bin/java"}}) {
    const LogLine line =
        parse_log_line("PAX: terminating task: " + std::string(row.text) + ":12, uid/euid: 0/0, PC: 10, SP: 20");
    EXPECT_EQ(line.kind, Kind::killed) << row.text;
    EXPECT_EQ(line.executable, row.path);
    EXPECT_EQ(line.pid, 12U) << row.text;
  }
  EXPECT_EQ(parse_log_line("grsec: denied RWX mmap of /tmp/seen by me by /opt/x[1]/rs[rs:main Q:Reg:2059] uid/euid:0/0 "
                           "gid/egid:0/0, parent /sbin/init[init:1] uid/euid:0/0 gid/egid:0/0")
                .executable,
            "/opt/x[1]/rs");
}

TEST(KernelLogLine, NamesOfPaxAreUnescaped) {
  EXPECT_EQ(parse_log_line("PAX: terminating task: /opt/a\\012b\\134c\\011d\\x(a):1, uid/euid: 0/0").executable,
            "/opt/a\nb\\c\td\\x");
  EXPECT_EQ(parse_log_line("PAX: terminating task: /usr/bin/x (deleted)(x):1, uid/euid: 0/0").executable, "/usr/bin/x");
  EXPECT_EQ(parse_log_line("PAX: terminating task: / (deleted)(longest):1, uid/euid: 0/0").executable, "/ (deleted)");
}

TEST(KernelLogLine, WhatBeginsAsOneOfThemAndGoesOnOtherwiseIsBroken) {
  for (const char* line :
       {"grsec: denied RWX mmap of x", "grsec: denied RWX mmap of <heap> by x[x:7] uid/euid:0/0",
        "grsec: denied RWX mmap of <heap> by /usr/bin/x[x:7",
        "grsec: denied RWX mmap of <heap> by /usr/bin/x[x:y] uid/euid:0/0",
        "grsec: denied RWX mprotect of <heap> by /[x:7] uid/euid:0/0",
        "grsec: denied RWX mprotect of <heap> by /usr/bin/x[x:99999999999] uid/euid:0/0",
        "PAX: execution attempt in: <heap>", "PAX: execution attempt in: <heap>, 10",
        "PAX: execution attempt in: a-b, 10 0", "PAX: execution attempt in: <heap>, 10-xy 0",
        "PAX: terminating task: (null)(x):7, uid/euid: 0/0, PC: 0, SP: 0",
        "PAX: terminating task: <path too long>(x):7, uid/euid: 0/0",
        "PAX: terminating task: /usr/bin/x(x:7, uid/euid: 0/0", "PAX: terminating task: /usr/bin/x(x):7"}) {
    EXPECT_EQ(parse_log_line(line).kind, Kind::broken) << line;
  }
}

TEST(KernelLog, DenialsAreCountedByProgramAndKind) {
  EXPECT_EQ(lines_of(read(sway)), Lines{"/usr/bin/sway: was not allowed to map <anonymous mapping> as writable and "
                                        "executable (once, pid 2863): em would allow it"});
  std::string more = sway;
  more +=
      "[ 7870.915655] grsec: denied RWX mmap of /tmp/a\x1b by /usr/bin/sway[sway:6673] uid/euid:1000/1000 "
      "gid/egid:1000/1000, parent /usr/bin/bash[bash:6648] uid/euid:1000/1000 gid/egid:1000/1000\n"
      "grsec: denied RWX mprotect of /tmp/a\x1b by /usr/bin/sway[sway:6674] uid/euid:0/0\n"
      "grsec: denied marking stack executable as requested by PT_GNU_STACK marking in /usr/lib64/libx.so by "
      "/usr/bin/other[other:7] uid/euid:0/0\n";
  EXPECT_EQ(
      lines_of(read(more)),
      (Lines{"/usr/bin/other: was not allowed the executable stack that /usr/lib64/libx.so asks for (once, pid 7): em "
             "would allow it",
             "/usr/bin/sway: was not allowed to map <anonymous mapping> and others as writable and executable (2 "
             "times, last pid 6673): em would allow it",
             "/usr/bin/sway: was not allowed to make /tmp/a\\x1b writable and executable (once, pid 6674): em would "
             "allow it"}));
}

TEST(KernelLog, GeneratedCodeThatWasExecuted) {
  EXPECT_EQ(
      lines_of(read("Feb  2 15:29:04 pfound-grsec kernel: PAX: execution attempt in: <anonymous mapping>, "
                    "512db000-51303000 512db000\n"
                    "Feb  2 15:29:04 pfound-grsec kernel: PAX: terminating task: /usr/lib/jvm/jre/bin/java(java):9289, "
                    "uid/euid: 1001/1001, PC: 512db040, SP: 5fe7c22c\n")),
      Lines{"/usr/lib/jvm/jre/bin/java: was killed, as it executed <anonymous mapping>, which was not mapped as "
            "executable (once, pid 9289): em would allow it to generated code, E to the trampolines of libffi"});
}

TEST(KernelLog, TheStackIsWhereTheStackPointerPoints) {
  const std::string stack =
      "was killed, as it executed its stack (once, pid 30554): E would allow it to the trampolines of nested functions "
      "and "
      "libffi, em to code that made its stack executable";
  EXPECT_EQ(lines_of(read("PAX: From 10.0.87.1: execution attempt in: <anonymous mapping>, 3c2cfe2a000-3c2cfe40000 "
                          "3fffffe9000\n"
                          "PAX: terminating task: /usr/sbin/grub-probe(grub-probe):30554, uid/euid: 0/0, PC: "
                          "000003c2cfe3eca8, SP: 000003c2cfe3ec58\n")),
            Lines{"/usr/sbin/grub-probe: " + stack});
  EXPECT_EQ(lines_of(read("PAX: execution attempt in: <stack>, 1000-3000 0\n"
                          "PAX: terminating task: /usr/bin/x(x):30554, uid/euid: 0/0, PC: 2000, SP: 8000\n")),
            Lines{"/usr/bin/x: " + stack});
}

TEST(KernelLog, AJumpToNowhereIsAllowedByNoMarking) {
  for (const char* where : {"<NULL>", "(null)"}) {
    EXPECT_EQ(
        lines_of(read("PAX: execution attempt in: " + std::string(where) +
                      ", 00000000-00000000 00000000\n"
                      "PAX: terminating task: /usr/kde/3.5/bin/konqueror(konqueror):21177, uid/euid: 1000/1000, PC: "
                      "00000010, SP: 5953cf80\n")),
        Lines{"/usr/kde/3.5/bin/konqueror: was killed, as it jumped to where nothing is mapped (once, pid 21177): no "
              "marking allows that"});
  }
}

TEST(KernelLog, AKillWithoutItsAttemptDoesNotTakeAnothers) {
  const std::string unknown =
      "was killed, as it executed memory that is not executable; the log does not tell which (once, pid 7): em would "
      "allow "
      "it to generated code, E to the trampolines of nested functions and libffi";
  const std::string kill = "PAX: terminating task: /usr/bin/x(x):7, uid/euid: 0/0, PC: 5000, SP: 8000\n";
  EXPECT_EQ(lines_of(read(kill)), Lines{"/usr/bin/x: " + unknown});
  EXPECT_EQ(lines_of(read("PAX: execution attempt in: <heap>, 1000-5000 0\n" + kill)), Lines{"/usr/bin/x: " + unknown});
  // One attempt, two kills.
  const auto twice = lines_of(read("PAX: execution attempt in: <heap>, 1000-6000 0\n" + kill + kill));
  ASSERT_EQ(twice.size(), 2U);
  EXPECT_EQ(twice[1], "/usr/bin/x: " + unknown);
}

TEST(KernelLog, BrokenLinesAreCountedAndTheFirstIsNamed) {
  const std::string broken = "grsec: denied RWX mmap of <heap>\n";
  EXPECT_EQ(
      lines_of(read("usb 1-1: gone\n" + broken)),
      Lines{"cannot understand all of /var/log/messages: a line of PaX or grsecurity is malformed or names no program: "
            "line 2"});
  EXPECT_EQ(
      lines_of(read("\n\n" + broken + sway + broken))[1],
      "cannot understand all of /var/log/messages: 2 lines of PaX or grsecurity are malformed or name no program, the "
      "first is line 3");
}

TEST(KernelLog, WhereTheBytesAreCutAndWhetherTheLastLineEndsMakesNoDifference) {
  const std::string text = std::string(sway) +
                           "PAX: execution attempt in: <stack>, 1000-3000 0\nPAX: terminating task: /usr/bin/x(x):3, "
                           "uid/euid: 0/0, PC: 2000, SP: 2800\ngrsec: denied RWX mmap of x\n" +
                           sway;
  const Lines whole = lines_of(read(text));
  ASSERT_EQ(whole.size(), 3U);
  for (std::size_t cut = 0; cut < text.size(); ++cut) {
    KernelLog log("/var/log/messages");
    log.add(text.substr(0, cut));
    log.add(text.substr(cut, text.size() - cut - 1));
    EXPECT_EQ(lines_of(log.finish()), whole) << cut;
  }
}

TEST(KernelLog, EndlessLinesAndProgramsDoNotGrowIt) {
  KernelLog log("stdin");
  const std::string block(65536, 'x');
  for (int round = 0; round < 100; ++round) log.add(block);
  log.add("\n");
  for (int index = 0; index < 5000; ++index) {
    log.add("grsec: denied RWX mmap of <heap> by /tmp/" + std::to_string(index) + "[x:7] uid/euid:0/0\n");
  }
  log.add(sway);
  const KernelLog::Denials denials = log.finish();
  EXPECT_EQ(denials.findings.size(), 4096U);
  ASSERT_EQ(denials.errors.size(), 1U);
  EXPECT_EQ(denials.errors[0].to_string(),
            "cannot count all of stdin: it has more than 4096 kinds of denials and programs");
}

}  // namespace
}  // namespace revdep::audit
