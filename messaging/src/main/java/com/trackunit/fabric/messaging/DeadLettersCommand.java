// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.messaging;

import com.trackunit.fabric.core.FabricException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/**
 * The command behind {@code script/dead-letters}: {@code list}, {@code show} and {@code replay}.
 * The broker's URI comes from the environment, where no process list shows it.
 */
public final class DeadLettersCommand {
  private static final String USAGE =
      """
      usage: script/dead-letters list QUEUE
             script/dead-letters show QUEUE MESSAGE_ID
             script/dead-letters replay QUEUE (MESSAGE_ID | --all)
      The broker is FABRIC_RABBITMQ_URI, amqp(s)://user:password@host:port/vhost.\
      """;
  private static final int LIMIT = 10_000;

  private final Map<String, String> environment;
  private final PrintStream out;

  DeadLettersCommand(Map<String, String> environment, PrintStream out) {
    this.environment = environment;
    this.out = out;
  }

  /**
   * Runs it and exits: 0 done, 1 nothing found or not reachable, 64 wrong usage.
   *
   * @param arguments see the usage
   */
  public static void main(String[] arguments) {
    System.exit(new DeadLettersCommand(System.getenv(), System.out).run(List.of(arguments)));
  }

  int run(List<String> arguments) {
    String uri = environment.getOrDefault("FABRIC_RABBITMQ_URI", "");
    String verb = arguments.isEmpty() ? "" : arguments.get(0);
    int expected = verb.equals("list") ? 2 : 3;
    if (uri.isEmpty()
        || !List.of("list", "show", "replay").contains(verb)
        || arguments.size() != expected) {
      out.println(USAGE);
      return 64;
    }
    try (RabbitMessaging rabbit = RabbitMessaging.open(RabbitSettings.fromUri(uri).build())) {
      DeadLetters letters = rabbit.deadLetters(arguments.get(1));
      return switch (verb) {
        case "list" -> list(letters);
        case "show" -> show(letters, arguments.get(2));
        default -> replay(letters, arguments.get(2));
      };
    } catch (FabricException | IllegalArgumentException e) {
      out.println(e.getMessage());
      return 1;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return 1;
    }
  }

  private int list(DeadLetters letters) {
    List<DeadLetter> found = letters.list(LIMIT);
    for (DeadLetter letter : found) {
      out.printf(
          "%-40s %-3d %-24s %s%n",
          letter.messageId().orElse("-"),
          letter.attempts(),
          letter.lastFailedAt().map(Object::toString).orElse("-"),
          letter.reason().orElse("by the broker") + letter.cause().map(c -> ": " + c).orElse(""));
    }
    out.println(found.size() + " dead letters");
    return 0;
  }

  private int show(DeadLetters letters, String id) {
    List<DeadLetter> found =
        letters.list(LIMIT).stream().filter(one -> one.messageId().orElse("").equals(id)).toList();
    for (DeadLetter letter : found) {
      letter.headers().forEach((name, value) -> out.println(name + ": " + value));
      out.println();
      out.println(new String(letter.body(), StandardCharsets.UTF_8));
    }
    return found.isEmpty() ? 1 : 0;
  }

  private int replay(DeadLetters letters, String which) throws InterruptedException {
    int replayed =
        letters.replay(
            letter -> which.equals("--all") || letter.messageId().orElse("").equals(which), LIMIT);
    out.println(replayed + " replayed");
    return replayed > 0 ? 0 : 1;
  }
}
