// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.testkit.brokers;

import static com.trackunit.fabric.testkit.brokers.Ledger.Outcome.CONFIRMED;
import static com.trackunit.fabric.testkit.brokers.Ledger.Outcome.NOT_SENT;
import static com.trackunit.fabric.testkit.brokers.Ledger.Outcome.REJECTED;
import static com.trackunit.fabric.testkit.brokers.Ledger.Outcome.RETURNED;
import static com.trackunit.fabric.testkit.brokers.Ledger.Outcome.UNKNOWN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

class LedgerTest {
  private final Ledger ledger = new Ledger();

  @Test
  void everythingOnceInOrderIsClean() {
    confirmed("k", 1, 5);
    confirmed("other", 1, 2);
    see("k", 1, 2);
    see("other", 1, 2);
    see("k", 3, 4, 5);
    Verdict verdict = ledger.verdict();
    assertThat(verdict.isExactlyOnceInOrder()).isTrue();
    assertThat(verdict.sent()).isEqualTo(7);
    assertThat(verdict.confirmed()).isEqualTo(7);
    assertThat(verdict.seen()).isEqualTo(7);
    assertThat(verdict.examples()).isEmpty();
    assertThat(ledger.isDrained()).isTrue();
  }

  @Test
  void confirmedAndNeverSeenIsLost() {
    confirmed("k", 1, 3);
    see("k", 1, 3);
    Verdict verdict = ledger.verdict();
    assertThat(verdict.lost()).isEqualTo(1);
    assertThat(verdict.isAtLeastOnceInOrder()).isFalse();
    assertThat(ledger.isDrained()).isFalse();
    assertThat(verdict.toString()).contains("lost 1,").contains("lost: k-2 (k/2)");
  }

  @Test
  void whatWasSentBackMayBeOvertakenAndNothingElse() {
    confirmed("k", 1, 4);
    confirmed("other", 1, 2);
    see("k", 1);
    ledger.sentBack(key -> key.equals("k"));
    confirmed("k", 5, 6);
    see("k", 4, 2, 3, 6, 5);
    see("other", 2, 1);
    Verdict verdict = ledger.verdict();
    assertThat(verdict.overtaken()).isEqualTo(2); // 2 and 3, behind 4
    assertThat(verdict.reordered()).isEqualTo(2); // 5, sent later, and another key's 1
    assertThat(verdict.lost()).isZero();
    assertThat(verdict.toString()).contains("overtaken 2");
  }

  @Test
  void unknownReturnedAndRejectedMayStayAway() {
    send("k", 1, UNKNOWN);
    send("k", 2, RETURNED);
    send("k", 3, REJECTED);
    Verdict verdict = ledger.verdict();
    assertThat(verdict.isExactlyOnceInOrder()).isTrue();
    assertThat(verdict.recovered()).isZero();
  }

  @Test
  void unknownYetSeenIsRecovered() {
    send("k", 1, UNKNOWN);
    see("k", 1);
    assertThat(ledger.verdict().recovered()).isEqualTo(1);
    assertThat(ledger.verdict().isExactlyOnceInOrder()).isTrue();
  }

  @Test
  void neverSentIsUnexpected() {
    confirmed("k", 1, 1);
    see("k", 1);
    see("k", 2);
    ledger.seen("k-1", "another key", 1);
    ledger.seen("k-1", "k", 9);
    assertThat(ledger.verdict().unexpected()).isEqualTo(3);
    assertThat(ledger.verdict().isAtLeastOnceInOrder()).isFalse();
  }

  @Test
  void moreCopiesOutThanInAreDuplicates() {
    confirmed("k", 1, 1);
    see("k", 1, 1, 1);
    assertThat(ledger.verdict().duplicated()).isEqualTo(2);
    assertThat(ledger.verdict().isAtLeastOnceInOrder()).isTrue();
    assertThat(ledger.verdict().isExactlyOnceInOrder()).isFalse();
  }

  @Test
  void whatWasSentTwiceMayComeTwice() {
    send("k", 1, UNKNOWN);
    send("k", 1, CONFIRMED);
    see("k", 1, 1);
    assertThat(ledger.verdict().isExactlyOnceInOrder()).isTrue();
    assertThat(ledger.verdict().sent()).isEqualTo(1);
    assertThat(ledger.verdict().recovered()).isZero();
  }

  @Test
  void firstSightingBehindALaterOneIsReordered() {
    confirmed("k", 1, 3);
    see("k", 1, 3, 2);
    assertThat(ledger.verdict().reordered()).isEqualTo(1);
    assertThat(ledger.verdict().isAtLeastOnceInOrder()).isFalse();
  }

  @Test
  void replayWithoutGapsUpToTheEndIsInOrder() {
    confirmed("k", 1, 6);
    see("k", 1, 2, 3, 4, 2, 3, 4, 5, 4, 5, 6);
    Verdict verdict = ledger.verdict();
    assertThat(verdict.isAtLeastOnceInOrder()).isTrue();
    assertThat(verdict.duplicated()).isEqualTo(5);
  }

  @Test
  void replayWithAGapIsReordered() {
    confirmed("k", 1, 5);
    see("k", 1, 2, 3, 4, 2, 4, 5);
    assertThat(ledger.verdict().reordered()).isEqualTo(1);
  }

  @Test
  void replayThatDoesNotCatchUpIsStale() {
    confirmed("k", 1, 5);
    see("k", 1, 2, 3, 4, 2, 3, 5, 1);
    assertThat(ledger.verdict().stale()).isEqualTo(2);
    assertThat(ledger.verdict().reordered()).isZero();
  }

  @Test
  void replayMayLeaveOutWhatWasShownAndNeverConfirmed() {
    confirmed("k", 1, 2);
    send("k", 3, UNKNOWN);
    confirmed("k", 4, 4);
    send("k", 5, UNKNOWN);
    see("k", 1, 2, 3, 4, 5, 2, 4);
    Verdict verdict = ledger.verdict();
    assertThat(verdict.reordered() + verdict.stale()).isZero();
    see("k", 2);
    assertThat(ledger.verdict().stale()).isEqualTo(1);
  }

  @Test
  void replayThatBeginsAgainFurtherBelowHasToCatchUpOnlyInTheEnd() {
    confirmed("k", 1, 5);
    see("k", 1, 2, 3, 4, 2, 3, 1, 2, 3, 4, 5);
    assertThat(ledger.verdict().isAtLeastOnceInOrder()).isTrue();
  }

  @Test
  void whatWaitedInADeletedQueueIsDestroyedNotLost() {
    confirmed("k", 1, 3);
    confirmed("other", 1, 1);
    see("k", 1);
    ledger.deleted("k"::equals);
    confirmed("k", 4, 5);
    see("k", 3, 5);
    assertThat(ledger.verdict().destroyed()).isEqualTo(1);
    assertThat(ledger.verdict().lost()).as("k-4 and other-1").isEqualTo(2);
  }

  @Test
  void whatWasNotSentMustNotComeOut() {
    send("k", 1, NOT_SENT);
    send("k", 2, NOT_SENT);
    see("k", 2);
    assertThat(ledger.verdict().unexpected()).isEqualTo(1);
    assertThat(ledger.verdict().outcomes()).containsExactly(Map.entry(NOT_SENT, 2L));
  }

  @Test
  void aLedgerKnowsWhatIsOnItsWayAndWhetherMessagesFlow() {
    confirmed("k", 1, 3);
    send("k", 4, UNKNOWN);
    long mark = ledger.sentCount();
    see("k", 1, 4);
    assertThat(ledger.inFlight()).isEqualTo(2);
    assertThat(ledger.hasSeenAfter(mark)).isFalse();
    confirmed("k", 5, 5);
    see("k", 5);
    assertThat(ledger.inFlight()).isEqualTo(2);
    assertThat(ledger.hasSeenAfter(mark)).isTrue();
    ledger.deleted("k"::equals);
    assertThat(ledger.inFlight()).isZero();
  }

  @Test
  void missingAndSurplusOutcomesAreCounted() {
    ledger.sent("id", "k", 1);
    assertThat(ledger.verdict().unanswered()).isEqualTo(1);
    ledger.outcome("id", UNKNOWN);
    ledger.outcome("id", CONFIRMED);
    ledger.outcome("stranger", CONFIRMED);
    assertThat(ledger.verdict().unanswered()).isZero();
    assertThat(ledger.verdict().contradicted()).isEqualTo(2);
    assertThat(ledger.verdict().isAtLeastOnceInOrder()).isFalse();
  }

  @Test
  void oneIdIsOneMessage() {
    ledger.sent("id", "k", 1);
    assertThatIllegalArgumentException().isThrownBy(() -> ledger.sent("id", "k", 2));
    assertThatIllegalArgumentException().isThrownBy(() -> ledger.sent("id", "j", 1));
  }

  /** Breaks a clean delivery in known ways and expects exactly these counts. */
  @RepeatedTest(200)
  void convictsWhatARandomFaultDid(RepetitionInfo repetition) {
    long seed = repetition.getCurrentRepetition();
    Random random = new Random(seed);
    int count = 20 + random.nextInt(200);
    confirmed("k", 0, count - 1);
    List<Long> delivery = new ArrayList<>();
    for (long i = 0; i < count; i++) {
      delivery.add(i);
    }
    // Each fault has three places of its own, so that none hides another.
    int lost = 0;
    int duplicated = 0;
    int reordered = 0;
    for (int place = count - 3; place >= 0; place -= 3) {
      switch (random.nextInt(5)) {
        case 0 -> {
          delivery.remove(place);
          lost++;
        }
        case 1 -> {
          delivery.add(place + 1, delivery.get(place));
          duplicated++;
        }
        case 2 -> {
          delivery.add(place + 1, delivery.remove(place));
          reordered++;
        }
        default -> {
          // This place stays as it is.
        }
      }
    }
    delivery.forEach(sequence -> see("k", sequence));
    Verdict verdict = ledger.verdict();
    assertThat(List.of(verdict.lost(), verdict.duplicated(), verdict.reordered()))
        .as("lost, duplicated, reordered with seed %d", seed)
        .containsExactly((long) lost, (long) duplicated, (long) reordered);
    assertThat(verdict.unexpected() + verdict.stale()).isZero();
  }

  private void confirmed(String key, long from, long to) {
    for (long sequence = from; sequence <= to; sequence++) {
      send(key, sequence, CONFIRMED);
    }
  }

  private void send(String key, long sequence, Ledger.Outcome outcome) {
    ledger.sent(key + "-" + sequence, key, sequence);
    ledger.outcome(key + "-" + sequence, outcome);
  }

  private void see(String key, long... sequences) {
    for (long sequence : sequences) {
      ledger.seen(key + "-" + sequence, key, sequence);
    }
  }
}
