package io.outboxrelay.testkit;

import static io.outboxrelay.testkit.TestTimeout.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProgramCacheTest {

  @TempDir private Path root = Path.of("set by JUnit");
  private final AtomicInteger unpacked = new AtomicInteger();

  @Test
  void aFolderIsFilledOnce() throws Exception {
    var cache = new ProgramCache(root);

    assertThat(cache.folder("program", this::unpack)).isEqualTo(root.resolve("program"));
    assertThat(cache.folder("program", this::unpack).resolve("bin/run")).hasContent("whole");
    assertThat(unpacked).hasValue(1);
    assertNothingElseIsLeft();
  }

  @Test
  void threadsThatNeedItAtOnceUnpackItOnce() throws Exception {
    var cache = new ProgramCache(root);
    var failures = new ArrayList<Throwable>();
    var threads = new ArrayList<Thread>();
    for (int i = 0; i < 8; i++) {
      var thread = new Thread(() -> cache.folder("program", this::unpack));
      thread.setUncaughtExceptionHandler((failed, failure) -> failures.add(failure));
      thread.start();
      threads.add(thread);
    }
    for (var thread : threads) {
      thread.join();
    }

    assertThat(failures).isEmpty();
    assertThat(unpacked).hasValue(1);
    assertNothingElseIsLeft();
  }

  @Test
  void processesThatNeedItAtOnceUnpackItOnce() throws Exception {
    var processes = new ArrayList<JavaProcess>();
    try {
      for (int i = 0; i < 4; i++) {
        processes.add(unpacking());
      }
      int times = 0;
      for (var process : processes) {
        assertThat(process.awaitEnd(PATIENCE)).as(process.err()).isZero();
        times += process.hasWritten("unpacking") ? 1 : 0;
      }
      assertThat(times).as("processes that unpacked").isEqualTo(1);
      assertNothingElseIsLeft();
    } finally {
      for (var process : processes) {
        process.close();
      }
    }
  }

  private JavaProcess unpacking() throws IOException {
    return JavaProcess.java(
            List.of(
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                Unpacker.class.getName(),
                root.toString()))
        .start();
  }

  /** The other process, which unpacks the program at the same time. */
  static final class Unpacker {
    private Unpacker() {}

    public static void main(String[] args) {
      var folder =
          new ProgramCache(Path.of(args[0]))
              .folder(
                  "program",
                  into -> {
                    System.out.println("unpacking");
                    Files.createDirectories(into.resolve("bin"));
                    for (int i = 0; i < 500; i++) {
                      Files.writeString(into.resolve("bin/file-" + i), "part");
                    }
                    Files.writeString(into.resolve("bin/run"), "whole");
                  });
      if (!Files.exists(folder.resolve("bin/run"))) {
        throw new IllegalStateException(folder + " is not complete");
      }
    }
  }

  /** A process of an older version does not take the lock, so the folder can appear meanwhile. */
  @Test
  void aFolderThatAppearsMeanwhileIsUsed() throws Exception {
    var cache = new ProgramCache(root);

    var folder =
        cache.folder(
            "program",
            into -> {
              unpack(into);
              Files.createDirectories(root.resolve("program/bin"));
              Files.writeString(root.resolve("program/bin/run"), "of the other");
            });

    assertThat(folder.resolve("bin/run")).hasContent("of the other");
    assertNothingElseIsLeft();
  }

  @Test
  void anUnpackingThatFailsLeavesNothingAndIsTriedAgain() throws Exception {
    var cache = new ProgramCache(root);

    assertThatThrownBy(
            () ->
                cache.folder(
                    "program",
                    into -> {
                      unpack(into);
                      throw new IOException("the disk is full");
                    }))
        .isInstanceOf(UncheckedIOException.class)
        .hasRootCauseMessage("the disk is full");
    assertThat(root.resolve("program")).doesNotExist();

    assertThat(cache.folder("program", this::unpack).resolve("bin/run")).hasContent("whole");
    assertNothingElseIsLeft();
  }

  @Test
  void anotherProgramIsNotWaitedFor() throws Exception {
    var cache = new ProgramCache(root);
    var begun = new CountDownLatch(1);
    var go = new CountDownLatch(1);
    var slow =
        new Thread(
            () ->
                cache.folder(
                    "slow",
                    into -> {
                      begun.countDown();
                      await(go);
                    }));
    slow.start();
    await(begun);

    assertThat(cache.folder("program", this::unpack)).exists();

    go.countDown();
    slow.join();
  }

  private static void await(CountDownLatch latch) throws IOException {
    try {
      assertThat(latch.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
  }

  private void unpack(Path folder) throws IOException {
    unpacked.incrementAndGet();
    Files.createDirectories(folder.resolve("bin"));
    Files.writeString(folder.resolve("bin/run"), "whole");
  }

  private void assertNothingElseIsLeft() throws IOException {
    try (var left = Files.list(root)) {
      assertThat(left.map(path -> path.getFileName().toString()))
          .containsExactlyInAnyOrder("program", "program.lock");
    }
  }
}
