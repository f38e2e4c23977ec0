// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.ingestion;

import java.time.Duration;

/**
 * How failures that may pass are met: attempts, the waits between them, a budget over all calls,
 * and a circuit breaker. Immutable.
 */
public final class RetrySettings {
  private final int maxAttempts;
  private final Duration firstDelay;
  private final Duration longestDelay;
  private final Duration deadline;
  private final int budget;
  private final double budgetPerSuccess;
  private final int circuitCalls;
  private final Duration circuitOpen;

  private RetrySettings(Builder builder) {
    this.maxAttempts = builder.maxAttempts;
    this.firstDelay = builder.firstDelay;
    this.longestDelay = builder.longestDelay;
    this.deadline = builder.deadline;
    this.budget = builder.budget;
    this.budgetPerSuccess = builder.budgetPerSuccess;
    this.circuitCalls = builder.circuitCalls;
    this.circuitOpen = builder.circuitOpen;
  }

  /**
   * The defaults, to be changed.
   *
   * @return a builder
   */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * One attempt a call and no circuit breaker, for callers with a retry of their own.
   *
   * @return the settings
   */
  public static RetrySettings none() {
    return builder().maxAttempts(1).circuitBreaker(0, Duration.ofSeconds(1)).build();
  }

  /**
   * These settings, to be changed.
   *
   * @return a builder
   */
  public Builder toBuilder() {
    return new Builder(this);
  }

  int maxAttempts() {
    return maxAttempts;
  }

  Duration firstDelay() {
    return firstDelay;
  }

  Duration longestDelay() {
    return longestDelay;
  }

  Duration deadline() {
    return deadline;
  }

  RetryBudget newBudget() {
    return new RetryBudget(budget, budgetPerSuccess);
  }

  int circuitCalls() {
    return circuitCalls;
  }

  Duration circuitOpen() {
    return circuitOpen;
  }

  /** Makes {@link RetrySettings}. Not thread-safe. */
  public static final class Builder {
    private int maxAttempts = 4;
    private Duration firstDelay = Duration.ofMillis(200);
    private Duration longestDelay = Duration.ofSeconds(5);
    private Duration deadline = Duration.ofSeconds(30);
    private int budget = 10;
    private double budgetPerSuccess = 0.2;
    private int circuitCalls = 20;
    private Duration circuitOpen = Duration.ofSeconds(10);

    private Builder() {}

    private Builder(RetrySettings from) {
      this.maxAttempts = from.maxAttempts;
      this.firstDelay = from.firstDelay;
      this.longestDelay = from.longestDelay;
      this.deadline = from.deadline;
      this.budget = from.budget;
      this.budgetPerSuccess = from.budgetPerSuccess;
      this.circuitCalls = from.circuitCalls;
      this.circuitOpen = from.circuitOpen;
    }

    /**
     * The most attempts of one call, the first one included. Default 4.
     *
     * @param attempts 1 (no retry) to 100
     * @return this
     * @throws IllegalArgumentException if it is out of bounds
     */
    public Builder maxAttempts(int attempts) {
      this.maxAttempts = require("maxAttempts", attempts, 1, 100);
      return this;
    }

    /**
     * The waits between attempts: doubling, half of each at random. A longer Retry-After is kept to
     * instead. Default 200 ms to 5 s.
     *
     * @param first before the second attempt; at least 1 ms
     * @param longest from {@code first} to 1 hour
     * @return this
     * @throws IllegalArgumentException if one is out of bounds
     */
    public Builder backoff(Duration first, Duration longest) {
      this.firstDelay = require("backoff first", first, Duration.ofMillis(1), Duration.ofHours(1));
      this.longestDelay = require("backoff longest", longest, first, Duration.ofHours(1));
      return this;
    }

    /**
     * The upper bound over all attempts and waits of a call to the service, for calls that bring no
     * deadline of their own. Default 30 s.
     *
     * @param overall 1 ms to 1 day
     * @return this
     * @throws IllegalArgumentException if it is out of bounds
     */
    public Builder deadline(Duration overall) {
      this.deadline = require("deadline", overall, Duration.ofMillis(1), Duration.ofDays(1));
      return this;
    }

    /**
     * How many retries may be made over all calls before successes are needed: each retry takes
     * one, each success gives a part of one back, up to the whole again. Default 10, and 0.2 for a
     * success.
     *
     * @param retries 0 (no retry ever) to 1,000,000
     * @param perSuccess 0 to 100
     * @return this
     * @throws IllegalArgumentException if one is out of bounds
     */
    public Builder budget(int retries, double perSuccess) {
      this.budget = require("budget", retries, 0, 1_000_000);
      if (!(perSuccess >= 0 && perSuccess <= 100)) {
        throw new IllegalArgumentException(
            "budget perSuccess is " + perSuccess + ", expected 0 to 100");
      }
      this.budgetPerSuccess = perSuccess;
      return this;
    }

    /**
     * The circuit breaker before the service: when at least half of the last calls found it
     * unavailable, calls fail at once for a while; then three are let through to see. Answers of
     * any other kind count as good. Default: 20 calls, 10 s. The object store has none: its uploads
     * are few and long.
     *
     * @param calls how many last attempts are looked at, and at least needed; 0 (no circuit
     *     breaker) to 10,000
     * @param open how long nothing is tried; 1 ms to 1 hour
     * @return this
     * @throws IllegalArgumentException if one is out of bounds
     */
    public Builder circuitBreaker(int calls, Duration open) {
      this.circuitCalls = require("circuitBreaker calls", calls, 0, 10_000);
      this.circuitOpen =
          require("circuitBreaker open", open, Duration.ofMillis(1), Duration.ofHours(1));
      return this;
    }

    /**
     * The settings.
     *
     * @return immutable
     */
    public RetrySettings build() {
      return new RetrySettings(this);
    }

    private static int require(String option, int value, int least, int most) {
      if (value < least || value > most) {
        throw new IllegalArgumentException(
            option + " is " + value + ", expected " + least + " to " + most);
      }
      return value;
    }

    private static Duration require(String option, Duration value, Duration least, Duration most) {
      if (value.compareTo(least) < 0 || value.compareTo(most) > 0) {
        throw new IllegalArgumentException(
            option + " is " + value + ", expected " + least + " to " + most);
      }
      return value;
    }
  }
}
