io:format("awake").
