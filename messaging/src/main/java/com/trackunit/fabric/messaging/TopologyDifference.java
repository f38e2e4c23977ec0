// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.messaging;

import java.util.List;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One thing that is not on the broker as it was asked for.
 *
 * @param subject the exchange or queue, such as {@code queue 'work'}
 * @param property what differs, such as {@code x-delivery-limit}; {@code existence} where the
 *     subject is missing
 * @param wanted what was asked for
 * @param found what the broker has, in its own words where they could not be read
 */
public record TopologyDifference(String subject, String property, String wanted, String found) {
  static final String EXISTENCE = "existence";

  // RabbitMQ's text for 406 on a declaration: rabbit_misc:assert_field_equivalence and its kin.
  private static final Pattern INEQUIVALENT =
      Pattern.compile(
          "inequivalent arg '(.*?)' for .*?: received (.*?) but current is (.*?)(?:, class-id.*)?$",
          Pattern.DOTALL);
  private static final Pattern VALUE = Pattern.compile("(?:the value )?'(.*?)'(?: of type '.*?')?");

  /** Checks that every part is there. */
  public TopologyDifference {
    Objects.requireNonNull(subject, "subject");
    Objects.requireNonNull(property, "property");
    Objects.requireNonNull(wanted, "wanted");
    Objects.requireNonNull(found, "found");
  }

  /**
   * Whether the subject is not there at all.
   *
   * @return false if it is there and differs
   */
  public boolean isMissing() {
    return property.equals(EXISTENCE);
  }

  /** Reads the broker's refusal of a declaration. */
  static TopologyDifference of(String subject, String wanted, String brokersText) {
    Matcher matcher = INEQUIVALENT.matcher(brokersText);
    return matcher.find()
        ? new TopologyDifference(
            subject, matcher.group(1), value(matcher.group(2)), value(matcher.group(3)))
        : new TopologyDifference(subject, "definition", wanted, brokersText);
  }

  private static String value(String text) {
    Matcher matcher = VALUE.matcher(text);
    return matcher.matches() ? matcher.group(1) : text;
  }

  /** A table with a line for each difference. */
  static String sideBySide(List<TopologyDifference> differences) {
    if (differences.isEmpty()) {
      return "";
    }
    String line = "%n  %-40s | %-24s | %-20s | %s";
    StringBuilder table =
        new StringBuilder(String.format(line, "what", "property", "asked for", "broker has"));
    for (TopologyDifference one : differences) {
      table.append(String.format(line, one.subject, one.property, one.wanted, one.found));
    }
    return table.toString();
  }
}
