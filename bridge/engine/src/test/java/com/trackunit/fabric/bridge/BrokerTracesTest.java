// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import com.trackunit.fabric.testkit.brokers.NoLeaks;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The simulated worlds' brokers do what the real ones did, and the real ones still do it. */
class BrokerTracesTest {
  /** A simulated broker that is wrong on purpose. */
  record Broken(String what, String trace, Supplier<TracedBroker> maker) {
    @Override
    public String toString() {
      return what;
    }
  }

  static Stream<BrokerTrace> traces() {
    return BrokerTrace.all();
  }

  @ParameterizedTest
  @MethodSource("traces")
  void theSimulatedBrokerShowsWhatTheRealOneShowed(BrokerTrace trace) throws Exception {
    assertThat(trace.replayed(() -> SimulatedBrokers.of(trace.name())))
        .containsExactlyElementsOf(trace.lines());
  }

  @ParameterizedTest
  @MethodSource("brokenOnPurpose")
  void aSimulatedBrokerThatIsWrongIsConvicted(Broken broken) throws Exception {
    BrokerTrace trace = BrokerTrace.recorded(broken.trace());

    assertThat(trace.replayed(broken.maker()::get)).isNotEqualTo(trace.lines());
  }

  @Tag("broker")
  @ExtendWith({NoLeaks.class, SharedBrokers.class})
  @ParameterizedTest
  @MethodSource("traces")
  void theRealBrokerStillShowsIt(BrokerTrace trace, Brokers brokers) throws Exception {
    RealBrokers real = new RealBrokers(brokers, Duration.ofMillis(20));

    assertThat(trace.replayed(() -> real.of(trace.name())))
        .containsExactlyElementsOf(trace.lines());
  }

  static Stream<Broken> brokenOnPurpose() {
    return Stream.concat(brokenRabbits(), brokenKafkas());
  }

  private static Stream<Broken> brokenRabbits() {
    return Stream.of(
        queue(
            "puts what a dead channel had at the end",
            () ->
                new SimulatedQueue<>() {
                  @Override
                  void putBack(List<Integer> messages) {
                    back.addAll(messages);
                  }
                }),
        queue(
            "forgets that it delivered a message before",
            () ->
                new SimulatedQueue<>() {
                  @Override
                  boolean isRedelivered(int message) {
                    return false;
                  }
                }),
        queue(
            "delivers to whoever came last",
            () ->
                new SimulatedQueue<>() {
                  @Override
                  @Nullable String active() {
                    List<String> all = consumers();
                    return all.isEmpty() ? null : all.get(all.size() - 1);
                  }
                }),
        queue(
            "takes a multiple ack for a single one",
            () ->
                new SimulatedQueue<>() {
                  @Override
                  SortedMap<Long, Integer> outstanding(String to, long tag, boolean multiple) {
                    return super.outstanding(to, tag, false);
                  }
                }),
        queue(
            "requeues to the front",
            () ->
                new SimulatedQueue<>() {
                  @Override
                  void requeue(String consumer, long tag) {
                    SortedMap<Long, Integer> one = outstanding(consumer, tag, false);
                    ready.addAll(one.values());
                    one.clear();
                  }
                }),
        new Broken(
            "confirms what it returns, and says so last",
            "publish",
            () ->
                SimulatedBrokers.publish(
                    fate ->
                        fate == PublishFate.RETURNED
                            ? List.of(Happening.CONFIRM, Happening.RETURN)
                            : fate.answers())),
        new Broken(
            "confirms what a full queue refused",
            "publish",
            () ->
                SimulatedBrokers.publish(
                    fate ->
                        fate == PublishFate.NACKED ? List.of(Happening.CONFIRM) : fate.answers())));
  }

  private static Broken queue(String what, Supplier<SimulatedQueue<String>> queue) {
    return new Broken(what, "queue", () -> SimulatedBrokers.queue(queue.get()));
  }

  private static Stream<Broken> brokenKafkas() {
    return Stream.of(
        transactions(
            "fences nobody",
            () ->
                new SimulatedTransactions<>() {
                  @Override
                  boolean isFenced(int producer) {
                    return false;
                  }
                }),
        transactions(
            "keeps what was aborted",
            () ->
                new SimulatedTransactions<>() {
                  @Override
                  Ended<String> abort(int producer) {
                    return Ended.without(Outcome.ABORTED);
                  }
                }),
        transactions(
            "commits the rest of a transaction with a refused record",
            () ->
                new SimulatedTransactions<>() {
                  @Override
                  void refuse(int producer) {}
                }),
        group(
            "takes commits from anybody",
            () ->
                new SimulatedGroup<>() {
                  @Override
                  boolean owns(String member, Set<Integer> partitions) {
                    return true;
                  }
                }),
        group(
            "never commits a lower offset",
            () ->
                new SimulatedGroup<>() {
                  @Override
                  boolean commit(String member, Map<Integer, Long> offsets) {
                    offsets.forEach((partition, to) -> committed.merge(partition, to, Math::max));
                    return owns(member, offsets.keySet());
                  }
                }));
  }

  private static Broken transactions(
      String what, Supplier<SimulatedTransactions<String>> transactions) {
    return new Broken(
        what, "transactions", () -> SimulatedBrokers.transactions(transactions.get()));
  }

  private static Broken group(String what, Supplier<SimulatedGroup<String>> group) {
    return new Broken(what, "group", () -> SimulatedBrokers.group(group.get()));
  }
}
