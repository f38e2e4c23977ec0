// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.bridge;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;

/** The brokers of the simulated worlds, doing what a trace's lines say. */
final class SimulatedBrokers {
  private static final int PARTITION = 0;

  private SimulatedBrokers() {}

  static TracedBroker of(String trace) {
    return switch (trace) {
      case "queue" -> queue(new SimulatedQueue<>());
      case "publish" -> publish(PublishFate::answers);
      case "transactions" -> transactions(new SimulatedTransactions<>());
      case "group" -> group(new SimulatedGroup<>());
      default -> throw new IllegalArgumentException(trace);
    };
  }

  static TracedBroker queue(SimulatedQueue<String> queue) {
    int[] published = {0};
    return (words, expected) -> {
      switch (words.get(0)) {
        case "publish" -> {
          for (int more = Integer.parseInt(words.get(1)); more > 0; more--) {
            queue.publish(++published[0]);
          }
        }
        case "consume" -> queue.consume(words.get(1), Integer.parseInt(words.get(2)));
        case "ack" ->
            queue.outstanding(words.get(1), Long.parseLong(words.get(2)), words.size() > 3).clear();
        case "requeue" -> queue.requeue(words.get(1), Long.parseLong(words.get(2)));
        case "close" -> queue.close(words.get(1));
        default -> throw new IllegalArgumentException(words.toString());
      }
      return deliveries(queue);
    };
  }

  private static List<String> deliveries(SimulatedQueue<String> queue) {
    List<String> seen = new ArrayList<>();
    String active = queue.active();
    SimulatedQueue.Delivered next;
    while (active != null && (next = queue.deliver(active)) != null) {
      String again = next.isRedelivered() ? " again" : "";
      seen.add(active + " " + next.tag() + ": " + next.message() + again);
    }
    return seen;
  }

  static TracedBroker publish(Function<PublishFate, List<Happening>> answers) {
    int[] sequence = {0};
    boolean[] closed = {false};
    return (words, expected) -> {
      if (closed[0]) {
        return List.of();
      }
      PublishFate fate =
          switch (words.get(1)) {
            case "queue" -> PublishFate.ACCEPTED;
            case "unbound" -> PublishFate.RETURNED;
            case "full" -> PublishFate.NACKED;
            case "nowhere" -> PublishFate.KILLS_THE_CHANNEL;
            default -> throw new IllegalArgumentException(words.toString());
          };
      closed[0] = fate == PublishFate.KILLS_THE_CHANNEL;
      sequence[0]++;
      return answers.apply(fate).stream()
          .map(what -> sequence[0] + ": " + what.name().toLowerCase(Locale.ROOT))
          .toList();
    };
  }

  static TracedBroker transactions(SimulatedTransactions<String> transactions) {
    Map<String, Integer> epochs = new HashMap<>();
    List<String> visible = new ArrayList<>();
    return (words, expected) -> {
      if (words.get(0).equals("read")) {
        return List.of("read " + visible);
      }
      String producer = words.get(1);
      if (words.get(0).equals("init")) {
        epochs.put(producer, transactions.init());
        return List.of();
      }
      int epoch = epochs.getOrDefault(producer, -1);
      if (words.get(0).equals("send")) {
        return sent(transactions, epoch, producer, words.get(2));
      }
      SimulatedTransactions.Ended<String> ended =
          words.get(0).equals("commit") ? transactions.commit(epoch) : transactions.abort(epoch);
      visible.addAll(ended.written());
      return List.of(producer + " " + ended.outcome().name().toLowerCase(Locale.ROOT));
    };
  }

  private static List<String> sent(
      SimulatedTransactions<String> transactions, int epoch, String producer, String what) {
    if (what.equals("large")) {
      transactions.refuse(epoch);
      return List.of(producer + " refused");
    }
    return transactions.send(epoch, what) ? List.of() : List.of(producer + " fenced");
  }

  static TracedBroker group(SimulatedGroup<String> group) {
    return (words, expected) -> {
      switch (words.get(0)) {
        case "assign" -> {
          return List.of(words.get(1) + " from " + group.assign(PARTITION, words.get(1)));
        }
        case "take-over" -> {
          group.free(PARTITION);
          return List.of(words.get(1) + " from " + group.assign(PARTITION, words.get(1)));
        }
        case "revoke" -> {
          group.free(PARTITION);
          return List.of();
        }
        case "commit" -> {
          boolean done = group.commit(words.get(1), Map.of(PARTITION, Long.valueOf(words.get(2))));
          return List.of(words.get(1) + (done ? " committed" : " refused"));
        }
        default -> {
          return List.of("committed " + group.committed.getOrDefault(PARTITION, 0L));
        }
      }
    };
  }
}
